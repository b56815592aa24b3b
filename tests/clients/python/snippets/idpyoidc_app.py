# pip install idpyoidc flask
import os

from flask import Flask, redirect, request
from idpyoidc.client.defaults import DEFAULT_KEY_DEFS, DEFAULT_OIDC_SERVICES
from idpyoidc.client.rp_handler import RPHandler

AUTHORITY = os.environ.get("AUTHORITY", "https://localhost:8443/c0a70500-0000-4000-8000-00000000c0a7")
PORT = int(os.environ.get("PORT", 3000))

ISSUER = f"{AUTHORITY}/v2.0"
contoso = RPHandler(
    base_url=f"http://localhost:{PORT}",
    key_conf={"key_defs": DEFAULT_KEY_DEFS},
    services=DEFAULT_OIDC_SERVICES,
    client_configs={
        ISSUER: {
            "issuer": ISSUER,
            "client_type": "oidc",
            "client_id": "c0a70500-0000-4000-8000-0000000000a1",
            "client_secret": "contoso-web-secret",
            "redirect_uris": [f"http://localhost:{PORT}/auth/callback"],
            "response_types_supported": ["code"],
            "client_authn_methods": ["client_secret_post", "bearer_header"],
            "token_endpoint_auth_methods_supported": ["client_secret_post"],
        }
    },
)
app = Flask(__name__)


@app.get("/")
def sign_in():
    return redirect(contoso.begin(ISSUER, req_args={"scope": ["openid", "profile", "email"]}))


@app.get("/auth/callback")
def signed_in():
    return contoso.finalize(ISSUER, request.args.to_dict())["id_token"].to_dict()


app.run(port=PORT)
