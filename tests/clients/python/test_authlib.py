"""Members and guests sign in, seen by Authlib over http."""

from urllib.parse import parse_qs, urlsplit

import guest
from authlib_app import HERE, application
from case import ClientCase, ThreePeople
from people import BOB, DAVE
from registrations import CONTOSO_WEB
from server import CONTOSO


class Authlib(ThreePeople, ClientCase):
    scheme = "http"

    def setUp(self):
        super().setUp()
        self.app = application(self.server)

    def opens_application(self):
        answer = self.app.get("/login", base_url=HERE)
        query = parse_qs(urlsplit(answer.location).query)
        for name in ("state", "nonce", "code_challenge"):
            self.assertIn(name, query)
        self.assertEqual(query["code_challenge_method"], ["S256"])
        self.browser.open(answer.location)

    def arrives_at_application(self, person):
        """Back at the callback: what the tokens say, then userinfo and a refresh."""
        self.assertIsNotNone(self.browser.left, f"no way back: {self.browser.text}")
        self.assertEqual(self.browser.left.split("?")[0], CONTOSO_WEB.callback)
        token = self.app.get(self.browser.left, base_url=HERE).get_json()
        issuer = self.app.get("/issuer", base_url=HERE).text
        self.assertEqual(issuer, f"{self.server.origin}/{CONTOSO}/v2.0")
        claims = token["userinfo"]
        self.assert_claims(claims, person, CONTOSO_WEB.client)
        self.assertEqual(claims["email"], person.address)

        info = self.app.post("/userinfo", base_url=HERE, json=token).get_json()
        self.assertEqual((info["sub"], info["email"]), (claims["sub"], person.address))

        fresh = self.app.post("/refresh", base_url=HERE, json=token).get_json()
        self.assert_claims(fresh["userinfo"], person, CONTOSO_WEB.client)
        self.assertEqual(fresh["userinfo"]["sub"], claims["sub"])
        self.assertNotEqual(fresh["access_token"], token["access_token"])

    def signs_in(self, person):
        self.opens_application()
        guest.signs_in(self.browser, self.server, person)
        self.arrives_at_application(person)

    def test_bob_redeems_at_his_home_by_email_then_signs_in_without_a_page(self):
        self.browser.open(self.server.accept_link(BOB.address, CONTOSO))
        guest.signs_in_at_work(self.browser)
        guest.accepts_organization(self.browser)
        self.browser.expect("My Apps")
        self.opens_application()
        self.arrives_at_application(BOB)

    def test_dave_redeems_with_google_by_the_direct_link(self):
        self.signs_in(DAVE)

    def test_dave_redeems_with_google_by_email_then_signs_in_without_a_page(self):
        self.browser.open(self.server.accept_link(DAVE.address, CONTOSO))
        guest.signs_in_at_google(self.browser, DAVE.address)
        guest.accepts_organization(self.browser)
        self.browser.expect("My Apps")
        self.opens_application()
        self.arrives_at_application(DAVE)
