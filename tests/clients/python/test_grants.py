"""Certificates, on-behalf-of and passwords, seen by msal and azure-identity over https."""

from pathlib import Path

import guest
import jwt
import requests
from azure.identity import (
    CertificateCredential,
    ClientAssertionCredential,
    OnBehalfOfCredential,
)
from case import ClientCase
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from msal import ConfidentialClientApplication, PublicClientApplication
from msal_app import MsalApp
from people import ALICE, BOB, FRANK
from registrations import CONTOSO_CLI, CONTOSO_DAEMON, CONTOSO_WEB
from server import CONTOSO

ROOT = Path(__file__).parents[3]
# Published like every key of a mock: here it is the client's.
PEM = ROOT / "keys/INSECURE-google.pem"
API = "c0a70500-0000-4000-8000-0000000000a4"
API_SECRET = "contoso-api-secret"
GRAPH = "https://graph.microsoft.com/.default"


def world():
    """The default world, in which the daemon and the API have a certificate."""
    text = (ROOT / "fixtures/worlds/contoso.toml").read_text()
    key = f'key_credentials = [{{ certificate = "{PEM}" }}]\n'
    for line, more in (
        ('secret = "contoso-daemon-secret"\n', key),
        (
            'app_roles = ["Files.Read.All"]\n',
            f'secret = "{API_SECRET}"\n{key}\n'
            f'[[tenant.consent]]\nclient_id = "{API}"\nscopes = ["User.Read"]\n\n'
            f'[[tenant.consent]]\nclient_id = "{CONTOSO_WEB.client}"\n'
            'resource = "api://contoso-api"\nscopes = ["Files.Read"]\n',
        ),
    ):
        assert text.count(line) == 1, line
        text = text.replace(line, line + more)
    return text


def claims_of(token):
    return jwt.decode(token, options={"verify_signature": False})


class Grants(ClientCase):
    world = world()

    def setUp(self):
        super().setUp()
        self.authority = f"{self.server.origin}/{CONTOSO}"
        self.pem = PEM.read_text()
        self.certificate = x509.load_pem_x509_certificate(self.pem.encode())

    def msal(self, client, credential):
        return ConfidentialClientApplication(
            client, authority=self.authority, client_credential=credential, instance_discovery=False
        )

    def token_for_the_api(self, person):
        """What a web application calls the API with."""
        app = MsalApp(self.server, CONTOSO_WEB, CONTOSO, scopes=["api://contoso-api/Files.Read"])
        self.browser.open(app.begin())
        guest.signs_in(self.browser, self.server, person)
        token = app.finish(self.browser)
        self.assertNotIn("error", token, token)
        self.assertEqual(claims_of(token["access_token"])["aud"], API)
        return token["access_token"]

    def test_msal_by_sha256_and_by_the_legacy_thumbprint(self):
        sha1 = self.certificate.fingerprint(hashes.SHA1()).hex()
        for credential in (
            {"private_key": self.pem, "public_certificate": self.pem},
            {"private_key": self.pem, "thumbprint": sha1},
        ):
            app = self.msal(CONTOSO_DAEMON.client, credential)
            # msal keeps one assertion, and sends it with the next request, too.
            for scope in (GRAPH, "api://contoso-api/.default"):
                token = app.acquire_token_for_client([scope])
                self.assertNotIn("error", token, token)
                self.assertEqual(claims_of(token["access_token"])["azpacr"], "2")

    def test_msal_says_which_certificate_is_not_registered(self):
        other = (ROOT / "keys/INSECURE-consumer.pem").read_text()
        app = self.msal(
            CONTOSO_DAEMON.client, {"private_key": other, "public_certificate": other}
        )
        token = app.acquire_token_for_client([GRAPH])
        self.assertEqual(token["error"], "invalid_client")
        self.assertEqual(token["error_codes"], [700027])
        sha1 = self.certificate.fingerprint(hashes.SHA1()).hex().upper()
        self.assertIn(sha1, token["error_description"])

    def test_azure_identity_by_certificate_and_by_assertion(self):
        at = {"authority": self.server.origin, "disable_instance_discovery": True}
        client = CONTOSO_DAEMON.client

        def assertion():
            return self.msal(
                client, {"private_key": self.pem, "public_certificate": self.pem}
            ).client.client_assertion()

        for credential in (
            CertificateCredential(CONTOSO, client, certificate_path=str(PEM), **at),
            ClientAssertionCredential(CONTOSO, client, assertion, **at),
        ):
            with credential:
                token = credential.get_token(GRAPH).token
                self.assertEqual(claims_of(token)["azpacr"], "2")
                self.assertEqual(self.graph(f"users/{BOB.oid}", token)["mail"], BOB.address)

    def test_on_behalf_of_a_member_and_of_guests(self):
        at = {"authority": self.server.origin, "disable_instance_discovery": True}
        for person in (ALICE, BOB, FRANK):
            self.browser.close()
            self.browser = type(self.browser)(self.server)
            assertion = self.token_for_the_api(person)
            for credential in (
                API_SECRET,
                {"private_key": self.pem, "public_certificate": self.pem},
            ):
                token = self.msal(API, credential).acquire_token_on_behalf_of(
                    assertion, ["User.Read"]
                )
                self.assertNotIn("error", token, token)
                self.assertEqual(self.graph("me", token["access_token"])["id"], person.oid)
            with OnBehalfOfCredential(
                CONTOSO, API, client_secret=API_SECRET, user_assertion=assertion, **at
            ) as credential:
                token = credential.get_token("https://graph.microsoft.com/User.Read").token
                self.assertEqual(self.graph("me", token)["id"], person.oid)

    def test_a_member_by_password_and_no_guest(self):
        origin = self.server.origin

        class WithPort(requests.Session):
            """msal leaves the port out where it asks for the realm; nothing listens on 443 here."""

            def get(self, url, **how):
                return super().get(url.replace("https://localhost/", f"{origin}/"), **how)

        app = PublicClientApplication(
            CONTOSO_CLI.client,
            authority=self.authority,
            instance_discovery=False,
            http_client=WithPort(),
        )

        def by_password(address):
            return app.acquire_token_by_username_password(address, "guestpass", ["User.Read"])

        token = by_password(ALICE.address)
        self.assertNotIn("error", token, token)
        self.assertEqual(self.graph("me", token["access_token"])["id"], ALICE.oid)
        self.assertEqual(app.get_accounts()[0]["home_account_id"], ALICE.home_account_id)
        for person in (BOB, FRANK):
            refused = by_password(person.address)
            self.assertEqual(refused["error_codes"], [50020], refused)
            self.assertNotIn("access_token", refused)
