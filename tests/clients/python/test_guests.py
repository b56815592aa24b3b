"""Guests redeem and sign in, seen by Authlib over http."""

import unittest
from typing import NamedTuple
from urllib.parse import parse_qs, urlsplit

import guest
from browser import Browser
from relying_party import CALLBACK, CLIENT, HERE, relying_party
from server import CONTOSO, FABRIKAM, Server


class Person(NamedTuple):
    address: str
    oid: str
    idp: str


FRANK = Person("frank@northwind.example", "c0a70500-0000-4000-8000-000000000106", "mail")
BOB = Person(
    "bob@fabrikam.example",
    "c0a70500-0000-4000-8000-000000000101",
    f"https://sts.windows.net/{FABRIKAM}/",
)
DAVE = Person("dave@gmail.com", "c0a70500-0000-4000-8000-000000000103", "google.com")


class Guests(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self.server = self.enterContext(Server())
        self.browser = Browser(self.server)
        self.addCleanup(self.browser.close)
        self.app = relying_party(self.server)

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
        self.assertEqual(self.browser.left.split("?")[0], CALLBACK)
        token = self.app.get(self.browser.left, base_url=HERE).get_json()
        issuer = self.app.get("/issuer", base_url=HERE).text
        self.assertEqual(issuer, f"{self.server.origin}/{CONTOSO}/v2.0")
        wanted = {
            "iss": issuer,
            "aud": CLIENT,
            "tid": CONTOSO,
            "email": person.address,
            "preferred_username": person.address,
            "oid": person.oid,
            "idp": person.idp,
        }
        claims = token["userinfo"]
        self.assertEqual({name: claims.get(name) for name in wanted}, wanted)

        info = self.app.post("/userinfo", base_url=HERE, json=token).get_json()
        self.assertEqual((info["sub"], info["email"]), (claims["sub"], person.address))

        fresh = self.app.post("/refresh", base_url=HERE, json=token).get_json()
        wanted["sub"] = claims["sub"]
        self.assertEqual({name: fresh["userinfo"].get(name) for name in wanted}, wanted)
        self.assertNotEqual(fresh["access_token"], token["access_token"])

    def test_frank_redeems_with_a_passcode_by_the_direct_link(self):
        self.opens_application()
        guest.types_name(self.browser, FRANK.address)
        guest.proves_by_passcode(self.browser, self.server, FRANK.address, CONTOSO)
        guest.accepts_organization(self.browser)
        self.arrives_at_application(FRANK)

    def test_bob_redeems_at_his_home_by_email_then_signs_in_without_a_page(self):
        self.browser.open(self.server.accept_link(BOB.address, CONTOSO))
        guest.signs_in_at_work(self.browser)
        guest.accepts_organization(self.browser)
        self.browser.expect("My Apps")
        self.opens_application()
        self.arrives_at_application(BOB)

    def test_dave_redeems_with_google_by_the_direct_link(self):
        self.opens_application()
        guest.types_name(self.browser, DAVE.address)
        guest.signs_in_at_google(self.browser, DAVE.address)
        guest.accepts_organization(self.browser)
        self.arrives_at_application(DAVE)

    def test_dave_redeems_with_google_by_email_then_signs_in_without_a_page(self):
        self.browser.open(self.server.accept_link(DAVE.address, CONTOSO))
        guest.signs_in_at_google(self.browser, DAVE.address)
        guest.accepts_organization(self.browser)
        self.browser.expect("My Apps")
        self.opens_application()
        self.arrives_at_application(DAVE)
