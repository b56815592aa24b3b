"""People sign in at Contoso itself, seen by pysaml2 as an application with SAML sign-on."""

import base64
import tempfile

import guest
from case import ClientCase
from people import ALICE, BOB, DAVE, FRANK
from saml2 import BINDING_HTTP_POST, BINDING_HTTP_REDIRECT
from saml2.response import StatusNoPassive, StatusRequestDenied
from saml2.saml import (
    NAMEID_FORMAT_EMAILADDRESS,
    NAMEID_FORMAT_PERSISTENT,
    NAMEID_FORMAT_TRANSIENT,
)
from saml2.sigver import SignatureError
from saml_key import SamlKey
from saml_sp import ACS, ENTITY, ServiceProvider
from server import CONTOSO
from sign_on_world import with_sign_on_application

ISSUER = f"https://sts.windows.net/{CONTOSO}/"
MICROSOFT = "http://schemas.microsoft.com/identity/claims"
PROTECTED = "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport"


class Pysaml2AtContoso(ClientCase):
    @classmethod
    def setUpClass(cls):
        folder = cls.enterClassContext(tempfile.TemporaryDirectory())
        cls.key = SamlKey(folder, "own")
        cls.world = with_sign_on_application(cls.key)

    def setUp(self):
        super().setUp()
        metadata = f"{self.server.origin}/{CONTOSO}/federationmetadata/2007-06/federationmetadata.xml"
        # Entra signs the assertion alone.
        self.sp = ServiceProvider(metadata, self.key, want_response_signed=False)
        self.assertEqual(self.sp.provider, ISSUER)

    def asks(self, **how):
        url, fields = self.sp.begins(**how)
        if fields is None:
            self.browser.open(url)
        else:
            self.browser.post(url, fields)

    def signs_in(self, person, **how):
        self.asks(**how)
        guest.signs_in(self.browser, self.server, person)
        return self.sp.arrives(self.browser)

    def says_of(self, person, answer):
        """What the verified answer says; returns the name there."""
        said = answer.session_info()
        self.assertEqual(said["issuer"], ISSUER)
        self.assertEqual(said["came_from"], "/reports")
        wanted = {
            "emailAddress": [person.address],
            f"{MICROSOFT}/objectidentifier": [person.oid],
            f"{MICROSOFT}/tenantid": [CONTOSO],
            f"{MICROSOFT}/identityprovider": [person.idp or ISSUER],
        }
        self.assertEqual({name: said["ava"].get(name) for name in wanted}, wanted)
        self.assertTrue(said["session_index"])
        return said["name_id"]

    def test_a_member_and_guests_of_every_kind_sign_in(self):
        names = set()
        for person in (ALICE, BOB, DAVE, FRANK):
            self.asks(force_authn="true")
            guest.signs_in(self.browser, self.server, person)
            name = self.says_of(person, self.sp.arrives(self.browser))
            self.assertEqual(name.format, NAMEID_FORMAT_PERSISTENT)
            names.add(name.text)
        self.assertEqual(len(names), 4)

    def test_a_guest_is_not_asked_twice_and_keeps_the_name(self):
        first = self.says_of(BOB, self.signs_in(BOB))
        self.asks()
        second = self.says_of(BOB, self.sp.arrives(self.browser))
        self.assertEqual(second.text, first.text)
        self.assertEqual(self.sp.outstanding, {})

    def test_signed_requests_in_either_binding(self):
        self.says_of(BOB, self.signs_in(BOB, sign=True))
        self.asks(binding=BINDING_HTTP_POST, sign=True)
        self.says_of(BOB, self.sp.arrives(self.browser))

    def test_name_and_context_as_asked_for(self):
        context = {"authn_context_class_ref": [PROTECTED], "comparison": "exact"}
        answer = self.signs_in(
            BOB, nameid_format=NAMEID_FORMAT_EMAILADDRESS, requested_authn_context=context
        )
        name = self.says_of(BOB, answer)
        self.assertEqual((name.format, name.text), (NAMEID_FORMAT_EMAILADDRESS, BOB.address))
        ((found, _, _),) = answer.session_info()["authn_info"]
        self.assertEqual(found, PROTECTED)
        self.asks(nameid_format=NAMEID_FORMAT_TRANSIENT)
        other = self.says_of(BOB, self.sp.arrives(self.browser))
        self.assertEqual(other.format, NAMEID_FORMAT_TRANSIENT)
        self.assertNotEqual(other.text, name.text)

    def test_nobody_is_signed_in_without_a_page(self):
        self.asks(is_passive="true")
        with self.assertRaises(StatusNoPassive):
            self.sp.arrives(self.browser)

    def test_a_guest_who_declines_is_not_signed_in(self):
        self.asks()
        guest.types_name(self.browser, BOB.address)
        guest.signs_in_at_work(self.browser)
        self.browser.expect("Review permissions")
        self.browser.click("#idBtn_Back")
        with self.assertRaises(StatusRequestDenied):
            self.sp.arrives(self.browser)

    def test_a_signed_logout_needs_no_question(self):
        name_id = self.signs_in(BOB).session_info()["name_id"]
        self.browser.open(self.sp.logs_out(name_id))
        self.assertIsNotNone(self.browser.left, self.browser.text)
        changed = self.browser.left.replace("&SigAlg=", "&RelayState=other&SigAlg=")
        self.assertIsNone(self.sp.is_logged_out(changed))
        self.assertTrue(self.sp.is_logged_out(self.browser.left).status_ok())
        self.assertEqual(self.sp.known(), [])
        self.asks()
        self.browser.expect("Sign in")

    def test_an_answer_that_was_changed_is_refused(self):
        self.asks()
        guest.signs_in(self.browser, self.server, BOB)
        self.browser.returns_to_application()
        response = self.browser.posted["SAMLResponse"]
        xml = base64.b64decode(response).decode()
        for changed in (
            xml.replace(f">{BOB.address}<", ">adele@contoso.example<"),
            xml.replace(f">{ENTITY}<", ">https://other.example/<"),
            xml.replace(f'Recipient="{ACS}"', f'Recipient="{ACS}/other"'),
            xml.replace('NotOnOrAfter="20', 'NotOnOrAfter="21'),
        ):
            self.assertNotEqual(changed, xml)
            with self.assertRaises(SignatureError):
                self.sp.takes(base64.b64encode(changed.encode()).decode())
        self.says_of(BOB, self.sp.takes(response))
