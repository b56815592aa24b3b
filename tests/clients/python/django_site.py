"""A Django site in this process: mozilla-django-oidc and social-auth as their manuals set them up.

It is called by Django's test client, so nothing listens at its address, http://localhost:3000.
"""

import django
from django.conf import settings
from django.core.management import call_command
from django.http import HttpResponse
from django.test import Client
from django.urls import include, path
from registrations import CONTOSO_WEB
from server import CONTOSO

SOCIAL = "azuread-v2-tenant-oauth2"
SCOPES = "openid profile email offline_access User.Read"

settings.configure(
    SECRET_KEY="only for the session cookie of this test",
    ALLOWED_HOSTS=["localhost"],
    ROOT_URLCONF=__name__,
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    USE_TZ=True,
    INSTALLED_APPS=[
        "django.contrib.auth",
        "django.contrib.contenttypes",
        "django.contrib.sessions",
        "mozilla_django_oidc",
        "social_django",
    ],
    MIDDLEWARE=[
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
    ],
    LOGIN_REDIRECT_URL="/",
    OIDC_RP_CLIENT_ID=CONTOSO_WEB.client,
    OIDC_RP_CLIENT_SECRET=CONTOSO_WEB.secret,
    OIDC_RP_SIGN_ALGO="RS256",
    OIDC_RP_SCOPES=SCOPES,
    OIDC_USE_PKCE=True,
    OIDC_STORE_ID_TOKEN=True,
    SOCIAL_AUTH_AZUREAD_V2_TENANT_OAUTH2_KEY=CONTOSO_WEB.client,
    SOCIAL_AUTH_AZUREAD_V2_TENANT_OAUTH2_SECRET=CONTOSO_WEB.secret,
    SOCIAL_AUTH_AZUREAD_V2_TENANT_OAUTH2_TENANT_ID=CONTOSO,
    SOCIAL_AUTH_AZUREAD_V2_TENANT_OAUTH2_SCOPE=["email", "User.Read"],
)
django.setup()

from mozilla_django_oidc.views import (  # noqa: E402 (needs the settings)
    OIDCAuthenticationCallbackView,
    OIDCAuthenticationRequestView,
)

urlpatterns = [
    path("", lambda request: HttpResponse(request.user.email)),
    path("login", OIDCAuthenticationRequestView.as_view()),
    path(
        "auth/callback",
        OIDCAuthenticationCallbackView.as_view(),
        name="oidc_authentication_callback",
    ),
    path("social/", include("social_django.urls")),
]
call_command("migrate", verbosity=0)


def visitor():
    """Somebody whom the site has never seen."""
    return Client(headers={"host": "localhost:3000"})
