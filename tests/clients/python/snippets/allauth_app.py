# pip install django-allauth[socialaccount]
import os
from urllib.parse import urlsplit

import django
from django.conf import settings
from django.core.management import call_command
from django.http import JsonResponse
from django.shortcuts import redirect
from django.urls import include, path

AUTHORITY = os.environ.get("AUTHORITY", "https://localhost:8443/c0a70500-0000-4000-8000-00000000c0a7")
PORT = os.environ.get("PORT", "3000")

authority = urlsplit(AUTHORITY)
server = f"{authority.scheme}://{authority.netloc}"
settings.configure(
    SOCIALACCOUNT_PROVIDERS={
        "microsoft": {
            "APPS": [
                {
                    "client_id": "c0a70500-0000-4000-8000-0000000000a1",
                    "secret": "contoso-web-secret",
                    "settings": {
                        "tenant": authority.path.strip("/"),
                        "login_url": server,
                        "graph_url": server,
                    },
                }
            ],
        }
    },
    SOCIALACCOUNT_LOGIN_ON_GET=True,
    ACCOUNT_EMAIL_VERIFICATION="none",
    AUTHENTICATION_BACKENDS=["allauth.account.auth_backends.AuthenticationBackend"],
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
        "django.contrib.messages",
        "django.contrib.sessions",
        "allauth",
        "allauth.account",
        "allauth.socialaccount",
        "allauth.socialaccount.providers.microsoft",
    ],
    MIDDLEWARE=[
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "django.contrib.messages.middleware.MessageMiddleware",
        "allauth.account.middleware.AccountMiddleware",
    ],
    TEMPLATES=[
        {
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "APP_DIRS": True,
            "OPTIONS": {"context_processors": ["django.template.context_processors.request"]},
        }
    ],
)
django.setup()


# Its callback is accounts/microsoft/login/callback/, a further redirect URI of Contoso Web. Who it is
# says Microsoft Graph.
def home(request):
    if not request.user.is_authenticated:
        return redirect("microsoft_login")
    return JsonResponse(request.user.socialaccount_set.get().extra_data)


urlpatterns = [path("", home), path("accounts/", include("allauth.urls"))]
call_command("migrate", verbosity=0)
call_command("runserver", f"localhost:{PORT}", use_reloader=False)
