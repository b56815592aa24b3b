"""What the tests of every client have: a server and a browser of their own, and what must come out."""

import unittest
from urllib.parse import parse_qs, urlencode, urlsplit

import requests

import guest
from browser import Browser
from people import ALICE, BOB, FRANK
from registrations import CONTOSO_WEB
from server import CONTOSO, Server


class ClientCase(unittest.TestCase):
    maxDiff = None
    scheme = "https"
    # Another world than the default one, as text.
    world = None

    def setUp(self):
        self.server = self.enterContext(Server(self.scheme, self.world))
        self.browser = Browser(self.server)
        self.addCleanup(self.browser.close)

    def graph(self, path, access_token):
        """Asks Graph with a token that a client got."""
        answer = requests.get(
            f"{self.server.graph_origin}/v1.0/{path}",
            headers={"Authorization": f"Bearer {access_token}"},
            timeout=10,
        )
        self.assertEqual(answer.status_code, 200, answer.text)
        return answer.json()

    def obtains_code(self, person):
        """A sign-in at Contoso Web without a library, for those that only redeem codes."""
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

    def assert_claims(self, claims, person, client):
        """The claims are Contoso's of this person, for this client."""
        issuer = f"{self.server.origin}/{CONTOSO}/v2.0"
        wanted = person.claims(issuer) | {"aud": client}
        self.assertEqual({name: claims.get(name) for name in wanted}, wanted)


class ThreePeople:
    """Tests for a case with a method `signs_in(person)`: a whole sign-in at Contoso, checked."""

    def test_alice_signs_in(self):
        self.signs_in(ALICE)

    def test_bob_redeems_at_his_home_by_the_direct_link(self):
        self.signs_in(BOB)

    def test_frank_redeems_with_a_passcode_by_the_direct_link(self):
        self.signs_in(FRANK)
