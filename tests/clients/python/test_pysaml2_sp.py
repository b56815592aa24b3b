"""Erin signs in at Litware, the built-in SAML provider, seen by pysaml2 as a service provider."""

import base64
import tempfile
from pathlib import Path

import guest
from case import ClientCase
from saml2 import BINDING_HTTP_POST, BINDING_HTTP_REDIRECT
from saml2.response import StatusNoPassive, UnsolicitedResponse
from saml2.saml import NAMEID_FORMAT_EMAILADDRESS, NAMEID_FORMAT_PERSISTENT
from saml2.sigver import SignatureError
from saml_key import SamlKey
from saml_sp import ACS, ENTITY, ServiceProvider
from saml_world import with_service_provider

ERIN = "erin@litware.example"
LITWARE = "https://idp.litware.example/saml"
DISPLAY_NAME = "http://schemas.microsoft.com/identity/claims/displayname"
PROTECTED = "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport"
# The published key of the mock, with the certificate that metadata has to be signed by.
SIGNER = Path(__file__).parents[3] / "keys/INSECURE-litware.pem"


class Pysaml2AtLitware(ClientCase):
    world = with_service_provider("litware")

    @classmethod
    def setUpClass(cls):
        folder = cls.enterClassContext(tempfile.TemporaryDirectory())
        cls.key, cls.other_key = SamlKey(folder, "own"), SamlKey(folder, "other")

    def setUp(self):
        super().setUp()
        self.metadata = f"{self.server.origin}/idp/litware/metadata"
        self.sp = ServiceProvider(self.metadata, self.key, signer=SIGNER)
        self.assertEqual(self.sp.provider, LITWARE)

    def asks(self, sp, **how):
        url, fields = sp.begins(**how)
        if fields is None:
            self.browser.open(url)
        else:
            self.browser.post(url, fields)

    def signs_in(self, **how):
        self.asks(self.sp, **how)
        guest.signs_in_at_litware(self.browser, ERIN)
        return self.sp.arrives(self.browser)

    def says_of_erin(self, answer):
        """What the verified answer says; returns her name there."""
        said = answer.session_info()
        self.assertEqual(said["issuer"], LITWARE)
        self.assertEqual(said["came_from"], "/reports")
        self.assertEqual(said["ava"]["emailAddress"], [ERIN])
        self.assertEqual(said["ava"][DISPLAY_NAME], ["Erin Cole"])
        self.assertTrue(said["session_index"])
        self.assertEqual(said["name_id"].format, NAMEID_FORMAT_PERSISTENT)
        self.assertNotEqual(said["name_id"].text, ERIN)
        return said["name_id"].text

    def refuses(self, fault, response):
        with self.assertRaises(fault):
            self.sp.takes(response)

    def test_metadata_is_signed_by_litware_alone(self):
        with self.assertRaises(SignatureError):
            ServiceProvider(self.metadata, self.key, signer=self.other_key.cert_file)

    def test_redirect_binding_gives_the_same_name_each_time(self):
        first = self.says_of_erin(self.signs_in())
        self.assertEqual(self.says_of_erin(self.signs_in(force_authn=True)), first)
        self.assertEqual(self.sp.outstanding, {})

    def test_signed_request_in_the_redirect_binding(self):
        self.says_of_erin(self.signs_in(sign=True))

    def test_post_binding(self):
        self.says_of_erin(self.signs_in(binding=BINDING_HTTP_POST))

    def test_signed_request_in_the_post_binding(self):
        self.says_of_erin(self.signs_in(binding=BINDING_HTTP_POST, sign=True))

    def test_name_and_context_as_asked_for(self):
        context = {"authn_context_class_ref": [PROTECTED], "comparison": "exact"}
        how = {"nameid_format": NAMEID_FORMAT_EMAILADDRESS, "requested_authn_context": context}
        said = self.signs_in(**how).session_info()
        self.assertEqual(said["name_id"].format, NAMEID_FORMAT_EMAILADDRESS)
        self.assertEqual(said["name_id"].text, ERIN)
        ((context, _, _),) = said["authn_info"]
        self.assertEqual(context, PROTECTED)

    def test_nobody_is_signed_in_without_a_page(self):
        self.asks(self.sp, is_passive="true")
        with self.assertRaises(StatusNoPassive):
            self.sp.arrives(self.browser)

    def test_logout(self):
        name_id = self.signs_in().session_info()["name_id"]
        self.assertEqual(self.sp.known(), [str(name_id)])
        self.browser.open(self.sp.logs_out(name_id))
        self.assertIsNotNone(self.browser.left, self.browser.text)
        changed = self.browser.left.replace("&SigAlg=", "&RelayState=other&SigAlg=")
        self.assertIsNone(self.sp.is_logged_out(changed))
        self.assertTrue(self.sp.is_logged_out(self.browser.left).status_ok())
        self.assertEqual(self.sp.known(), [])

    def test_no_answer_goes_to_an_address_that_is_not_registered(self):
        strangers = (
            ServiceProvider(self.metadata, self.key, acs="https://sp.tests.example/acs/other"),
            ServiceProvider(self.metadata, self.key, acs="https://thief.example/acs"),
            ServiceProvider(self.metadata, self.key, entity="https://thief.example/"),
        )
        for stranger in strangers:
            for binding in (BINDING_HTTP_REDIRECT, BINDING_HTTP_POST):
                self.asks(stranger, binding=binding)
                self.assertIsNone(self.browser.left)
                self.assertIn("AADSTS", self.browser.text)
                self.assertNotEqual(self.browser.heading, "Sign in")

    def test_an_answer_that_was_changed_is_refused(self):
        self.asks(self.sp)
        guest.signs_in_at_litware(self.browser, ERIN)
        self.browser.returns_to_application()
        response = self.browser.posted["SAMLResponse"]
        xml = base64.b64decode(response).decode()
        later = xml.replace("NotOnOrAfter=\"20", "NotOnOrAfter=\"21")
        for changed in (
            xml.replace(f">{ERIN}<", ">adele@contoso.example<"),
            xml.replace(f">{ENTITY}<", ">https://other.example/<"),
            xml.replace(f'Destination="{ACS}"', f'Destination="{ACS}/other"'),
            later,
        ):
            self.assertNotEqual(changed, xml)
            self.refuses(SignatureError, base64.b64encode(changed.encode()).decode())
        # As it came it is good, once.
        self.says_of_erin(self.sp.takes(response))
        self.refuses(UnsolicitedResponse, response)
