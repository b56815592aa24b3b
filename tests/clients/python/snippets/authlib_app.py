# pip install authlib flask requests
import os

from authlib.integrations.flask_client import OAuth
from flask import Flask

AUTHORITY = os.environ.get("AUTHORITY", "https://localhost:8443/c0a70500-0000-4000-8000-00000000c0a7")
PORT = int(os.environ.get("PORT", 3000))

app = Flask(__name__)
app.secret_key = "a secret of this application"
contoso = OAuth(app).register(
    "contoso",
    client_id="c0a70500-0000-4000-8000-0000000000a1",
    client_secret="contoso-web-secret",
    server_metadata_url=f"{AUTHORITY}/v2.0/.well-known/openid-configuration",
    client_kwargs={"scope": "openid profile email", "code_challenge_method": "S256"},
)


@app.get("/")
def sign_in():
    return contoso.authorize_redirect(f"http://localhost:{PORT}/auth/callback")


@app.get("/auth/callback")
def signed_in():
    return contoso.authorize_access_token()["userinfo"]


app.run(port=PORT)
