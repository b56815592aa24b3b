"""Members and guests sign in to a Django site, seen by two of its plug-ins over https."""

import guest
import jwt
import requests
from case import ClientCase, ThreePeople
from django.test import override_settings
from django_site import SOCIAL, visitor
from registrations import CONTOSO_WEB, redirecting_to
from server import CONTOSO
from social_django.models import UserSocialAuth

SITE = "http://localhost:3000"


class DjangoCase(ClientCase):
    def configure(self, backend, **settings):
        settings["AUTHENTICATION_BACKENDS"] = [backend]
        self.enterContext(override_settings(**settings))
        self.visitor = visitor()

    def goes_to_contoso(self, answer, person):
        """From the site's answer to the site's callback, which sends the person home."""
        self.assertEqual(answer.status_code, 302, answer.content)
        self.browser.open(answer.url)
        guest.signs_in(self.browser, self.server, person)
        self.assertIsNotNone(self.browser.left, f"no way back: {self.browser.text}")
        self.assertTrue(self.browser.left.startswith(SITE), self.browser.left)
        home = self.visitor.get(self.browser.left.removeprefix(SITE), follow=True)
        self.assertEqual(home.content.decode(), person.address)

    def assert_id_token(self, id_token, person):
        # The plug-in has verified it.
        claims = jwt.decode(id_token, options={"verify_signature": False})
        self.assert_claims(claims, person, CONTOSO_WEB.client)


class MozillaDjangoOidc(ThreePeople, DjangoCase):
    def setUp(self):
        super().setUp()
        issuer = f"{self.server.origin}/{CONTOSO}/v2.0"
        metadata = requests.get(f"{issuer}/.well-known/openid-configuration", timeout=10).json()
        self.configure(
            "mozilla_django_oidc.auth.OIDCAuthenticationBackend",
            OIDC_OP_AUTHORIZATION_ENDPOINT=metadata["authorization_endpoint"],
            OIDC_OP_TOKEN_ENDPOINT=metadata["token_endpoint"],
            OIDC_OP_USER_ENDPOINT=metadata["userinfo_endpoint"],
            OIDC_OP_JWKS_ENDPOINT=metadata["jwks_uri"],
        )

    def signs_in(self, person):
        self.goes_to_contoso(self.visitor.get("/login"), person)
        self.assert_id_token(self.visitor.session["oidc_id_token"], person)


class SocialAuth(ThreePeople, DjangoCase):
    # The path of its callback ends in the name of the backend.
    world = redirecting_to(f"{SITE}/social/complete/{SOCIAL}/")

    def setUp(self):
        super().setUp()
        authority = f"{self.server.origin}/{CONTOSO}"
        self.configure(
            "social_core.backends.azuread_tenant.AzureADV2TenantOAuth2",
            SOCIAL_AUTH_AZUREAD_V2_TENANT_OAUTH2_AUTHORITY_URL=authority,
        )

    def signs_in(self, person):
        self.goes_to_contoso(self.visitor.post(f"/social/login/{SOCIAL}/"), person)
        account = UserSocialAuth.objects.get(user__email=person.address)
        self.assertEqual(account.extra_data["oid"], person.oid)
        self.assertEqual(account.extra_data["tid"], CONTOSO)
        self.assert_id_token(account.extra_data["id_token"], person)
