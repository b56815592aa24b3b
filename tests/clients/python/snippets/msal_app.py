# pip install msal flask
import os

import msal
from flask import Flask, redirect, request, session

AUTHORITY = os.environ.get("AUTHORITY", "https://localhost:8443/c0a70500-0000-4000-8000-00000000c0a7")
PORT = int(os.environ.get("PORT", 3000))

contoso = msal.ConfidentialClientApplication(
    "c0a70500-0000-4000-8000-0000000000a1",
    client_credential="contoso-web-secret",
    authority=AUTHORITY,
    # Not a host of Microsoft's: MSAL is not to ask login.microsoftonline.com about it.
    instance_discovery=False,
)
app = Flask(__name__)
app.secret_key = "a secret of this application"


@app.get("/")
def sign_in():
    session["flow"] = contoso.initiate_auth_code_flow(
        ["User.Read"], redirect_uri=f"http://localhost:{PORT}/auth/callback"
    )
    return redirect(session["flow"]["auth_uri"])


@app.get("/auth/callback")
def signed_in():
    result = contoso.acquire_token_by_auth_code_flow(session.pop("flow"), request.args)
    return result.get("id_token_claims", result)


app.run(port=PORT)
