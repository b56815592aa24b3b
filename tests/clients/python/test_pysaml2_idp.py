"""Ann's company has a SAML provider of its own, pysaml2's, and Contoso has federated its domain."""

import base64
import tempfile

import guest
import requests
from browser import Browser
from case import ClientCase
from msal_app import MsalApp
from people import Person
from registrations import CONTOSO_DAEMON, CONTOSO_WEB
from saml_idp import PASSWORD, Account, SamlProvider
from saml_key import SamlKey
from saml_world import with_guests, with_partner
from server import CONTOSO

ISSUER = "https://idp.partner.example/saml2"
CLAIMS = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims"
EMAIL, GIVEN_NAME = f"{CLAIMS}/emailaddress", f"{CLAIMS}/givenname"
GRAPH = "https://graph.microsoft.com/.default"
FEDERATIONS = "directory/federationConfigurations"
KIND = "microsoft.graph.samlOrWsFedExternalDomainFederation"


def person(name, number):
    """Somebody at the partner, whose only object is the guest in Contoso."""
    oid = f"c0a70500-0000-4000-8000-{number:012}"
    return Person(f"{name}@partner.example", oid, ISSUER, "partner", (oid, CONTOSO))


ANN, MALLORY = person("ann", 201), person("mallory", 202)
ACCOUNTS = {
    ANN.address: Account("ann", {EMAIL: [ANN.address], GIVEN_NAME: ["Ann"]}),
    # Says that she is Contoso's administrator.
    MALLORY.address: Account("mallory", {EMAIL: ["adele@contoso.example"]}),
}


class PartnerCase(ClientCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = cls.enterClassContext(tempfile.TemporaryDirectory())
        cls.key = SamlKey(cls.folder, "provider")

    def setUp(self):
        self.provider = self.enterContext(SamlProvider(ISSUER, self.key, ACCOUNTS))
        self.world = self.has_world()
        super().setUp()
        origin = self.server.origin
        self.provider.answers(f"{origin}/{CONTOSO}/", f"{origin}/login.srf")
        self.app = MsalApp(self.server, CONTOSO_WEB, CONTOSO)

    def daemon(self):
        """A token of Contoso's daemon for Graph."""
        token = MsalApp(self.server, CONTOSO_DAEMON, CONTOSO).msal.acquire_token_for_client([GRAPH])
        self.assertNotIn("error", token)
        return token["access_token"]

    def posts(self, path, body):
        answer = requests.post(
            f"{self.server.graph_origin}/v1.0/{path}",
            headers={"Authorization": f"Bearer {self.daemon()}"},
            json=body,
            timeout=10,
        )
        self.assertEqual(answer.status_code, 201, answer.text)
        return answer.json()

    def object_of(self, oid):
        selected = "id,mail,externalUserState,identities"
        return self.graph(f"users/{oid}?$select={selected}", self.daemon())

    def opens_contoso_web(self, who):
        self.browser = Browser(self.server)
        self.addCleanup(self.browser.close)
        self.browser.open(self.app.begin())
        guest.types_name(self.browser, who.address)

    def is_asked_by_partner(self, who):
        """What the partner's page posts, once the person has typed a password there."""
        self.assertEqual((self.browser.left or "").split("?")[0], self.provider.sign_on)
        with_partner = Browser(self.provider)
        self.addCleanup(with_partner.close)
        with_partner.open(self.browser.left)
        with_partner.expect("Sign in to Partner")
        self.assertEqual(with_partner.value("[name=name]"), who.address)
        with_partner.type("[name=password]", PASSWORD)
        with_partner.click("[name=go]")
        with_partner.click("input[type=submit]")
        self.assertEqual(with_partner.left, f"{self.server.origin}/login.srf")
        return with_partner.posted

    def signs_in_at_partner(self, who):
        form = self.is_asked_by_partner(who)
        self.browser.post(f"{self.server.origin}/login.srf", form)

    def arrives_at_contoso_web(self, who):
        token = self.app.finish(self.browser)
        self.assertNotIn("error", token)
        self.assert_claims(token["id_token_claims"], who, CONTOSO_WEB.client)
        self.assertEqual(self.graph("me", token["access_token"])["id"], who.oid)

    def redeems_by_the_direct_link(self, who):
        self.opens_contoso_web(who)
        self.signs_in_at_partner(who)
        guest.accepts_organization(self.browser)
        self.arrives_at_contoso_web(who)
        self.is_bound(who)

    def redeems_by_email(self, who):
        self.browser.open(self.server.accept_link(who.address, CONTOSO))
        self.signs_in_at_partner(who)
        guest.accepts_organization(self.browser)
        self.browser.expect("My Apps")
        self.is_bound(who)
        # The session is good for an application, without a page.
        self.browser.open(self.app.begin())
        self.arrives_at_contoso_web(who)

    def is_bound(self, who):
        """The guest is the account that the provider names, not the address."""
        found = self.object_of(who.oid)
        self.assertEqual(found["externalUserState"], "Accepted")
        account = ACCOUNTS[who.address]
        self.assertIn(
            {
                "signInType": "federated",
                "issuer": ISSUER,
                "issuerAssignedId": self.provider.name_id(account.user),
            },
            found["identities"],
        )

    def is_refused(self, number, why):
        self.assertIsNone(self.browser.left)
        self.assertIn(f"AADSTS{number}", self.browser.text)
        self.assertIn(why, self.browser.text)


class Pysaml2FromTheWorldFile(PartnerCase):
    def has_world(self):
        return with_partner(self.provider, [ANN, MALLORY])

    def test_ann_redeems_by_the_direct_link(self):
        self.redeems_by_the_direct_link(ANN)
        self.assertEqual(self.provider.metadata_read, 1)

    def test_ann_redeems_by_email_then_signs_in_without_a_page(self):
        self.redeems_by_email(ANN)

    def test_it_is_enough_to_sign_the_response_or_the_assertion(self):
        self.provider.signs = {"sign_response": True, "sign_assertion": False}
        self.redeems_by_the_direct_link(ANN)
        self.provider.signs = {"sign_response": False, "sign_assertion": True}
        self.opens_contoso_web(ANN)
        self.signs_in_at_partner(ANN)
        self.arrives_at_contoso_web(ANN)
        self.provider.signs = {"sign_response": False, "sign_assertion": False}
        self.opens_contoso_web(ANN)
        self.signs_in_at_partner(ANN)
        self.is_refused(50008, "signed")

    def test_sha_1_which_is_the_default_of_pysaml2_is_refused(self):
        self.provider.algorithms = {}
        self.opens_contoso_web(ANN)
        self.signs_in_at_partner(ANN)
        self.is_refused(50006, "has to sign with RSA and SHA-256")

    def test_a_key_that_was_rolled_over_is_found_after_the_cool_down(self):
        self.redeems_by_the_direct_link(ANN)
        self.provider.uses(SamlKey(self.folder, "next"))
        self.opens_contoso_web(ANN)
        self.signs_in_at_partner(ANN)
        self.is_refused(5000811, "Partner")
        self.assertEqual(self.provider.metadata_read, 1)
        self.server.passes("PT61S")
        self.opens_contoso_web(ANN)
        self.signs_in_at_partner(ANN)
        self.arrives_at_contoso_web(ANN)
        self.assertEqual(self.provider.metadata_read, 2)

    def test_an_address_outside_of_its_domain_is_nobodys(self):
        self.opens_contoso_web(MALLORY)
        self.signs_in_at_partner(MALLORY)
        self.is_refused(5000819, "partner.example")
        self.browser.open(self.server.accept_link(MALLORY.address, CONTOSO))
        self.signs_in_at_partner(MALLORY)
        self.is_refused(5000819, "partner.example")
        self.assertEqual(self.object_of(MALLORY.oid)["externalUserState"], "PendingAcceptance")

    def test_an_answer_that_was_changed_is_refused(self):
        self.opens_contoso_web(ANN)
        form = self.is_asked_by_partner(ANN)
        xml = base64.b64decode(form["SAMLResponse"]).decode()
        changed = xml.replace(ANN.address, MALLORY.address)
        self.assertNotEqual(changed, xml)
        sent = form | {"SAMLResponse": base64.b64encode(changed.encode()).decode()}
        self.browser.post(f"{self.server.origin}/login.srf", sent)
        self.is_refused(50006, "changed after it was signed")
        self.assertEqual(self.object_of(ANN.oid)["externalUserState"], "PendingAcceptance")


class Pysaml2ByHand(PartnerCase):
    """Contoso's administrator has its address and a file with its certificate, but no metadata."""

    def has_world(self):
        return with_partner(self.provider, [ANN], self.key)

    def test_ann_redeems_by_the_direct_link(self):
        self.redeems_by_the_direct_link(ANN)
        self.assertEqual(self.provider.metadata_read, 0)

    def test_another_key_is_refused(self):
        self.provider.uses(SamlKey(self.folder, "next"))
        self.opens_contoso_web(ANN)
        self.signs_in_at_partner(ANN)
        self.is_refused(5000811, "signingCertificate")


class Pysaml2FromGraph(PartnerCase):
    def has_world(self):
        return with_guests([], roles=["IdentityProvider.ReadWrite.All"])

    def setUp(self):
        super().setUp()
        self.posts(
            f"{FEDERATIONS}/{KIND}",
            {
                "@odata.type": KIND,
                "displayName": "Partner",
                "issuerUri": ISSUER,
                "metadataExchangeUri": self.provider.metadata_url,
                "passiveSignInUri": self.provider.sign_on,
                "preferredAuthenticationProtocol": "saml",
                "signingCertificate": self.key.base64,
                "domains": [
                    {"@odata.type": "microsoft.graph.externalDomainName", "id": "partner.example"}
                ],
            },
        )

    def invited(self):
        """Ann, as Contoso's daemon invites her."""
        answer = self.posts(
            "invitations",
            {
                "invitedUserEmailAddress": ANN.address,
                "inviteRedirectUrl": f"{self.server.origin}/myapps/contoso.example",
                "sendInvitationMessage": True,
            },
        )
        oid = answer["invitedUser"]["id"]
        return ANN._replace(oid=oid, home=(oid, CONTOSO))

    def test_ann_is_invited_and_redeems_by_the_direct_link(self):
        self.redeems_by_the_direct_link(self.invited())

    def test_ann_is_invited_and_redeems_by_email(self):
        self.redeems_by_email(self.invited())
