# pip install azure-identity requests
import json

import requests
from azure.identity import InteractiveBrowserCredential

credential = InteractiveBrowserCredential(
    tenant_id="c0a70500-0000-4000-8000-00000000c0a7",
    client_id="c0a70500-0000-4000-8000-0000000000a3",
)
token = credential.get_token("https://graph.microsoft.com/User.Read").token
me = requests.get(
    "https://graph.microsoft.com/v1.0/me", headers={"Authorization": f"Bearer {token}"}, timeout=10
)
print(json.dumps(me.json()))
