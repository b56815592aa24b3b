"""Members and guests sign in, seen by msal over https."""

import guest
from case import ClientCase, ThreePeople
from msal_app import MsalApp
from people import BOB
from registrations import CONTOSO_DAEMON, CONTOSO_WEB, FABRIKAM_PORTAL
from server import CONTOSO, FABRIKAM


class Msal(ThreePeople, ClientCase):
    def says_of(self, person, token, client):
        """The claims of an ID token: msal leaves signature, issuer and audience to its caller."""
        self.assertNotIn("error", token)
        claims = token["id_token_claims"]
        self.assert_claims(claims, person, client)
        self.assertEqual(self.graph("me", token["access_token"])["id"], person.oid)
        return claims

    def signs_in(self, person):
        app = MsalApp(self.server, CONTOSO_WEB, CONTOSO)
        self.browser.open(app.begin())
        guest.signs_in(self.browser, self.server, person)
        token = app.finish(self.browser)
        claims = self.says_of(person, token, CONTOSO_WEB.client)

        account = app.account
        self.assertEqual(account["home_account_id"], person.home_account_id)
        self.assertEqual(account["local_account_id"], person.oid)
        self.assertEqual(account["realm"], CONTOSO)
        self.assertEqual(account["username"], person.address)

        cached = app.silently()
        self.assertEqual(cached["token_source"], "cache")
        self.assertEqual(cached["access_token"], token["access_token"])
        fresh = app.silently(force_refresh=True)
        self.assertEqual(self.says_of(person, fresh, CONTOSO_WEB.client)["sub"], claims["sub"])
        self.assertNotEqual(fresh["access_token"], token["access_token"])
        self.assertEqual(app.account["home_account_id"], person.home_account_id)

    def test_bobs_home_sign_in_gives_a_guests_token_after_the_redemption_only(self):
        home = MsalApp(self.server, FABRIKAM_PORTAL, "organizations")
        self.browser.open(home.begin())
        guest.types_name(self.browser, BOB.address)
        guest.signs_in_at_work(self.browser)
        claims = home.finish(self.browser)["id_token_claims"]
        self.assertEqual((claims["oid"], claims["tid"]), BOB.home)
        self.assertEqual(claims["iss"], f"{self.server.origin}/{FABRIKAM}/v2.0")
        self.assertNotIn("idp", claims)
        self.assertEqual(home.account["home_account_id"], BOB.home_account_id)

        # msal remembers a refusal for a minute, so each attempt is an application of its own.
        def at_contoso():
            return MsalApp(self.server, FABRIKAM_PORTAL, CONTOSO, home.msal.token_cache)

        refused = at_contoso().silently()
        self.assertNotIn("access_token", refused)
        self.assertIn("AADSTS50014", refused["error_description"])
        self.assertEqual(refused["error_codes"], [50014])
        self.assertEqual(refused["error"], "interaction_required")

        self.browser.open(self.server.accept_link(BOB.address, CONTOSO))
        guest.accepts_organization(self.browser)
        self.browser.expect("My Apps")

        contoso = at_contoso()
        token = contoso.silently()
        self.assertNotEqual(
            self.says_of(BOB, token, FABRIKAM_PORTAL.client)["sub"], claims["sub"]
        )
        homes = {account["home_account_id"] for account in contoso.msal.get_accounts()}
        self.assertEqual(homes, {BOB.home_account_id})

    def test_contoso_daemon_calls_graph(self):
        daemon = MsalApp(self.server, CONTOSO_DAEMON, CONTOSO).msal
        scopes = ["https://graph.microsoft.com/.default"]
        token = daemon.acquire_token_for_client(scopes)
        self.assertNotIn("error", token)
        bob = self.graph(f"users/{BOB.oid}", token["access_token"])
        self.assertEqual(bob["mail"], BOB.address)
        again = daemon.acquire_token_for_client(scopes)
        self.assertEqual(again["token_source"], "cache")
        self.assertEqual(again["access_token"], token["access_token"])
