# pip install msal flask requests
import msal
import requests
from flask import Flask, redirect, request, session

contoso = msal.ConfidentialClientApplication(
    "c0a70500-0000-4000-8000-0000000000a1",
    client_credential="contoso-web-secret",
    authority="https://login.microsoftonline.com/c0a70500-0000-4000-8000-00000000c0a7",
)
app = Flask(__name__)
app.secret_key = "a secret of this application"


@app.get("/")
def sign_in():
    session["flow"] = contoso.initiate_auth_code_flow(
        ["User.Read"], redirect_uri="http://localhost:3000/auth/callback"
    )
    return redirect(session["flow"]["auth_uri"])


@app.get("/auth/callback")
def signed_in():
    result = contoso.acquire_token_by_auth_code_flow(session.pop("flow"), request.args)
    claims = result["id_token_claims"]
    (account,) = contoso.get_accounts(claims["preferred_username"])
    token = contoso.acquire_token_silent(["User.Read"], account, force_refresh=True)
    me = requests.get(
        "https://graph.microsoft.com/v1.0/me",
        headers={"Authorization": f"Bearer {token['access_token']}"},
        timeout=10,
    )
    return {"claims": claims, "account": account["home_account_id"], "me": me.json()}


app.run(port=3000)
