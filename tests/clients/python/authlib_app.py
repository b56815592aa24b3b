"""Contoso Web: a Flask application that signs its users in with Authlib, as its manual says.

It is called in process, so nothing listens at its address, http://localhost:3000.
"""

from authlib.integrations.flask_client import OAuth
from flask import Flask, jsonify, request

from registrations import CONTOSO_WEB
from server import CONTOSO

HERE = "http://localhost:3000"
SCOPE = "openid profile email offline_access User.Read"


def application(server):
    """The application, as a client that calls it with a session of its own."""
    app = Flask(__name__)
    app.secret_key = "only for the session cookie of this test"
    app.testing = True  # what Authlib refuses becomes the test's failure
    refreshed = []
    contoso = OAuth(app).register(
        "contoso",
        client_id=CONTOSO_WEB.client,
        client_secret=CONTOSO_WEB.secret,
        server_metadata_url=f"{server.origin}/{CONTOSO}/v2.0/.well-known/openid-configuration",
        client_kwargs={"scope": SCOPE, "code_challenge_method": "S256"},
        update_token=lambda token, **_: refreshed.append(token),
    )

    @app.get("/login")
    def login():
        return contoso.authorize_redirect(CONTOSO_WEB.callback)

    @app.get("/auth/callback")
    def callback():
        # Authlib verifies state, PKCE, the signature by JWKS, iss, aud and nonce.
        return jsonify(contoso.authorize_access_token())

    @app.post("/userinfo")
    def userinfo():
        return jsonify(contoso.userinfo(token=request.get_json()))

    @app.post("/refresh")
    def refresh():
        # Authlib refreshes by itself when it is to use a token that has expired.
        contoso.userinfo(token=request.get_json() | {"expires_at": 1})
        (token,) = refreshed
        return jsonify(token | {"userinfo": contoso.parse_id_token(token, nonce=None)})

    @app.get("/issuer")
    def issuer():
        return contoso.load_server_metadata()["issuer"]

    return app.test_client()
