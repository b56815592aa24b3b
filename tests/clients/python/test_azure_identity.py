"""Members and guests sign in, seen by azure-identity over https."""

from urllib.parse import parse_qs, urlencode, urlsplit

import guest
import jwt
from azure.identity import AuthorizationCodeCredential, ClientSecretCredential
from case import ClientCase, ThreePeople
from people import BOB
from registrations import CONTOSO_DAEMON, CONTOSO_WEB
from server import CONTOSO

GRAPH = "00000003-0000-0000-c000-000000000000"
CHALLENGE = '{"access_token": {"xms_cc": {"values": ["CP1"]}}}'


class AzureIdentity(ThreePeople, ClientCase):
    def credential(self, make, app, **more):
        made = make(
            tenant_id=CONTOSO,
            client_id=app.client,
            client_secret=app.secret,
            authority=self.server.origin,
            # It would ask login.microsoftonline.com whether this host is one of its own.
            disable_instance_discovery=True,
            **more,
        )
        return self.enterContext(made)

    def obtains_code(self, person):
        """A sign-in without the library, which only redeems codes."""
        query = {
            "client_id": CONTOSO_WEB.client,
            "response_type": "code",
            "redirect_uri": CONTOSO_WEB.callback,
            "scope": "offline_access User.Read",
            "state": "state-1",
            "client_info": "1",
        }
        self.browser.open(
            f"{self.server.origin}/{CONTOSO}/oauth2/v2.0/authorize?{urlencode(query)}"
        )
        guest.signs_in(self.browser, self.server, person)
        self.assertIsNotNone(self.browser.left, f"no way back: {self.browser.text}")
        answer = parse_qs(urlsplit(self.browser.left).query)
        self.assertEqual(answer["state"], ["state-1"])
        return answer["code"][0]

    def assert_token(self, token, person):
        # Whoever calls Graph does not look into its tokens; this test may.
        claims = jwt.decode(token, options={"verify_signature": False})
        self.assert_claims(claims, person, GRAPH)
        self.assertEqual(self.graph("me", token)["id"], person.oid)

    def signs_in(self, person):
        credential = self.credential(
            AuthorizationCodeCredential,
            CONTOSO_WEB,
            authorization_code=self.obtains_code(person),
            redirect_uri=CONTOSO_WEB.callback,
        )
        first = credential.get_token("User.Read").token
        self.assert_token(first, person)
        self.assertEqual(credential.get_token("User.Read").token, first)
        # No cached token answers a claims challenge: it uses the refresh token.
        second = credential.get_token("User.Read", claims=CHALLENGE).token
        self.assertNotEqual(second, first)
        self.assert_token(second, person)

    def test_contoso_daemon_calls_graph(self):
        credential = self.credential(ClientSecretCredential, CONTOSO_DAEMON)
        token = credential.get_token("https://graph.microsoft.com/.default").token
        self.assertEqual(self.graph(f"users/{BOB.oid}", token)["mail"], BOB.address)
        again = credential.get_token("https://graph.microsoft.com/.default").token
        self.assertEqual(again, token)
