"""Members and guests sign in, seen by azure-identity over https."""

import guest
import jwt
from azure.identity import (
    AuthorizationCodeCredential,
    ClientSecretCredential,
    DeviceCodeCredential,
)
from case import ClientCase, ThreePeople
from people import ALICE, BOB, FRANK
from registrations import CONTOSO_CLI, CONTOSO_DAEMON, CONTOSO_WEB
from server import CONTOSO, IMPERSONATED

GRAPH = "00000003-0000-0000-c000-000000000000"
CHALLENGE = '{"access_token": {"xms_cc": {"values": ["CP1"]}}}'


class AzureIdentity(ThreePeople, ClientCase):
    def credential(self, make, app, **more):
        made = make(
            tenant_id=CONTOSO,
            client_id=app.client,
            **({"client_secret": app.secret} if app.secret else {}),
            **({} if IMPERSONATED else self.elsewhere()),
            **more,
        )
        return self.enterContext(made)

    def elsewhere(self):
        # It would ask login.microsoftonline.com whether this host is one of its own.
        return {"authority": self.server.origin, "disable_instance_discovery": True}

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

    def signs_in_on_a_device(self, person):
        """The library waits while it shows the code: by then the person is done."""

        def shows(address, code, _expires):
            guest.enters_device_code(self.browser, address, code)
            guest.signs_in(self.browser, self.server, person, on_device=True)
            guest.confirms_device(self.browser, "Contoso CLI", person)

        credential = self.credential(DeviceCodeCredential, CONTOSO_CLI, prompt_callback=shows)
        record = credential.authenticate(scopes=["User.Read"])
        self.assertEqual(record.home_account_id, person.home_account_id)
        self.assertEqual((record.tenant_id, record.username), (CONTOSO, person.address))
        self.assert_token(credential.get_token("User.Read").token, person)

    def test_alice_signs_in_on_a_device(self):
        self.signs_in_on_a_device(ALICE)

    def test_bob_signs_in_on_a_device(self):
        self.signs_in_on_a_device(BOB)

    def test_frank_signs_in_on_a_device(self):
        self.signs_in_on_a_device(FRANK)

    def test_contoso_daemon_calls_graph(self):
        credential = self.credential(ClientSecretCredential, CONTOSO_DAEMON)
        token = credential.get_token("https://graph.microsoft.com/.default").token
        self.assertEqual(self.graph(f"users/{BOB.oid}", token)["mail"], BOB.address)
        again = credential.get_token("https://graph.microsoft.com/.default").token
        self.assertEqual(again, token)
