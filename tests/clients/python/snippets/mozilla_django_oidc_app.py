# pip install mozilla-django-oidc
import os

import django
import requests
from django.conf import settings
from django.core.management import call_command
from django.http import JsonResponse
from django.shortcuts import redirect
from django.urls import path

AUTHORITY = os.environ.get("AUTHORITY", "https://localhost:8443/c0a70500-0000-4000-8000-00000000c0a7")
PORT = os.environ.get("PORT", "3000")

contoso = requests.get(f"{AUTHORITY}/v2.0/.well-known/openid-configuration", timeout=10).json()
settings.configure(
    OIDC_RP_CLIENT_ID="c0a70500-0000-4000-8000-0000000000a1",
    OIDC_RP_CLIENT_SECRET="contoso-web-secret",
    OIDC_RP_SCOPES="openid profile email",
    OIDC_RP_SIGN_ALGO="RS256",
    OIDC_OP_AUTHORIZATION_ENDPOINT=contoso["authorization_endpoint"],
    OIDC_OP_TOKEN_ENDPOINT=contoso["token_endpoint"],
    OIDC_OP_USER_ENDPOINT=contoso["userinfo_endpoint"],
    OIDC_OP_JWKS_ENDPOINT=contoso["jwks_uri"],
    OIDC_USE_PKCE=True,
    OIDC_STORE_ID_TOKEN=True,
    AUTHENTICATION_BACKENDS=["mozilla_django_oidc.auth.OIDCAuthenticationBackend"],
    LOGIN_REDIRECT_URL="/",
    # The rest is what every Django site has.
    SECRET_KEY="a secret of this application",
    DEBUG=True,
    ROOT_URLCONF=__name__,
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "site.db"}},
    INSTALLED_APPS=[
        "django.contrib.auth",
        "django.contrib.contenttypes",
        "django.contrib.sessions",
        "mozilla_django_oidc",
    ],
    MIDDLEWARE=[
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
    ],
)
django.setup()

from mozilla_django_oidc import views  # noqa: E402 (needs the settings)


def home(request):
    if not request.user.is_authenticated:
        return redirect("oidc_authentication_init")
    return JsonResponse({"email": request.user.email, "id_token": request.session["oidc_id_token"]})


urlpatterns = [
    path("", home),
    path("auth", views.OIDCAuthenticationRequestView.as_view(), name="oidc_authentication_init"),
    path(
        "auth/callback",
        views.OIDCAuthenticationCallbackView.as_view(),
        name="oidc_authentication_callback",
    ),
]
call_command("migrate", verbosity=0)
call_command("runserver", f"localhost:{PORT}", use_reloader=False)
