# pip install azure-identity requests
import json
import os

import requests
from azure.identity import InteractiveBrowserCredential

AUTHORITY_HOST = os.environ.get("AZURE_AUTHORITY_HOST", "https://localhost:8443")

credential = InteractiveBrowserCredential(
    authority=AUTHORITY_HOST,
    tenant_id="c0a70500-0000-4000-8000-00000000c0a7",
    client_id="c0a70500-0000-4000-8000-0000000000a3",
    # Not a host of Microsoft's: it is not to ask login.microsoftonline.com about it.
    disable_instance_discovery=True,
)
token = credential.get_token("https://graph.microsoft.com/User.Read").token
me = requests.get(f"{AUTHORITY_HOST}/v1.0/me", headers={"Authorization": f"Bearer {token}"})
print(json.dumps(me.json()))
