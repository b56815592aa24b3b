"""Members and guests sign in, seen by idpyoidc over https."""

import os
from urllib.parse import parse_qsl, urlsplit

import guest
from case import ClientCase, ThreePeople
from idpyoidc.client.defaults import DEFAULT_KEY_DEFS, DEFAULT_OIDC_SERVICES
from idpyoidc.client.rp_handler import RPHandler
from registrations import CONTOSO_WEB
from server import CONTOSO

SCOPE = ["openid", "profile", "email", "offline_access", "User.Read"]


class Idpyoidc(ThreePeople, ClientCase):
    def setUp(self):
        super().setUp()
        self.issuer = f"{self.server.origin}/{CONTOSO}/v2.0"
        self.handler = RPHandler(
            base_url="http://localhost:3000",
            key_conf={"key_defs": DEFAULT_KEY_DEFS},
            httpc_params={"verify": os.environ["REQUESTS_CA_BUNDLE"]},
            services=DEFAULT_OIDC_SERVICES,
            client_configs={
                self.issuer: {
                    "issuer": self.issuer,
                    "client_type": "oidc",
                    "client_id": CONTOSO_WEB.client,
                    "client_secret": CONTOSO_WEB.secret,
                    "redirect_uris": [CONTOSO_WEB.callback],
                    "response_types_supported": ["code"],
                    "client_authn_methods": ["client_secret_post", "bearer_header"],
                    "token_endpoint_auth_methods_supported": ["client_secret_post"],
                    "add_ons": {
                        "pkce": {
                            "function": "idpyoidc.client.oauth2.add_on.pkce.add_support",
                            "kwargs": {"code_challenge_length": 64, "code_challenge_method": "S256"},
                        },
                    },
                }
            },
        )

    def signs_in(self, person):
        # When it wants a refresh token it would ask for consent, if it was not told what to ask for.
        asked = {"scope": SCOPE, "prompt": "login"}
        self.browser.open(self.handler.begin(self.issuer, req_args=asked))
        guest.signs_in(self.browser, self.server, person)
        self.assertIsNotNone(self.browser.left, f"no way back: {self.browser.text}")
        answer = dict(parse_qsl(urlsplit(self.browser.left).query))
        found = self.handler.finalize(self.issuer, answer)
        self.assertNotIn("error", found)
        self.assert_claims(_claims(found["id_token"]), person, CONTOSO_WEB.client)
        self.assertEqual(found["userinfo"]["email"], person.address)

        fresh = self.handler.refresh_access_token(found["state"])
        self.assertNotEqual(fresh["access_token"], found["token"])
        claims = _claims(fresh["__verified_id_token"])
        self.assert_claims(claims, person, CONTOSO_WEB.client)


def _claims(id_token):
    """The library makes a list of the one audience."""
    claims = id_token.to_dict()
    (claims["aud"],) = claims["aud"]
    return claims
