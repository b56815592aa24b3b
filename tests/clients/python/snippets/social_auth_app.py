# pip install social-auth-app-django
import os
from urllib.parse import urlsplit

import django
from django.conf import settings
from django.core.management import call_command
from django.http import HttpResponse, JsonResponse
from django.urls import include, path

AUTHORITY = os.environ.get("AUTHORITY", "https://localhost:8443/c0a70500-0000-4000-8000-00000000c0a7")
PORT = os.environ.get("PORT", "3000")

settings.configure(
    SOCIAL_AUTH_AZUREAD_V2_TENANT_OAUTH2_KEY="c0a70500-0000-4000-8000-0000000000a1",
    SOCIAL_AUTH_AZUREAD_V2_TENANT_OAUTH2_SECRET="contoso-web-secret",
    SOCIAL_AUTH_AZUREAD_V2_TENANT_OAUTH2_TENANT_ID=urlsplit(AUTHORITY).path.strip("/"),
    SOCIAL_AUTH_AZUREAD_V2_TENANT_OAUTH2_AUTHORITY_URL=AUTHORITY,
    SOCIAL_AUTH_AZUREAD_V2_TENANT_OAUTH2_SCOPE=["email", "User.Read"],
    AUTHENTICATION_BACKENDS=["social_core.backends.azuread_tenant.AzureADV2TenantOAuth2"],
    LOGIN_REDIRECT_URL="/",
    # The rest is what every Django site has.
    SECRET_KEY="a secret of this application",
    DEBUG=True,
    ROOT_URLCONF=__name__,
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "site.db"}},
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    INSTALLED_APPS=[
        "django.contrib.auth",
        "django.contrib.contenttypes",
        "django.contrib.sessions",
        "social_django",
    ],
    MIDDLEWARE=[
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
    ],
)
django.setup()

# Its callback is social/complete/azuread-v2-tenant-oauth2/, a further redirect URI of Contoso Web.
SIGN_IN = '<form method="post" action="/social/login/azuread-v2-tenant-oauth2/"><button>Sign in</button></form>'


def home(request):
    if not request.user.is_authenticated:
        return HttpResponse(SIGN_IN)
    return JsonResponse(request.user.social_auth.get().extra_data)


urlpatterns = [path("", home), path("social/", include("social_django.urls"))]
call_command("migrate", verbosity=0)
call_command("runserver", f"localhost:{PORT}", use_reloader=False)
