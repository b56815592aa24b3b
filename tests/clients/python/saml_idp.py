"""A SAML provider: a small program around pysaml2's server, on a free loopback port.

It signs in whoever has an account, and says of them what the account says. A test may give it
another key or other ways while it runs.
"""

import html
import shutil
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple
from urllib.parse import parse_qsl, urlsplit

from saml2 import BINDING_HTTP_POST, BINDING_HTTP_REDIRECT
from saml2.authn_context import PASSWORD as BY_PASSWORD
from saml2.config import IdPConfig
from saml2.metadata import entity_descriptor
from saml2.saml import NAMEID_FORMAT_PERSISTENT
from saml2.server import Server as Pysaml2Server
from saml2.xmldsig import DIGEST_SHA256, SIG_RSA_SHA256

PASSWORD = "guestpass"


class Account(NamedTuple):
    user: str
    # What is said of them: claims by their names.
    says: dict


class SamlProvider:
    """Listens on entry, ends on exit."""

    def __init__(self, entity, key, accounts):
        self.entity = entity
        # By the name that is typed.
        self.accounts = accounts
        # What of a response is signed.
        self.signs = {"sign_response": True, "sign_assertion": True}
        self.algorithms = {"sign_alg": SIG_RSA_SHA256, "digest_alg": DIGEST_SHA256}
        self._listener = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self.origin = f"http://127.0.0.1:{self._listener.server_address[1]}"
        self.metadata_url = f"{self.origin}/metadata"
        self.sign_on = f"{self.origin}/sso"
        # How often its metadata was read.
        self.metadata_read = 0
        # Those to which it answers, by metadata.
        self._known = []
        self._server = None
        self.uses(key)

    def __enter__(self):
        threading.Thread(target=self._listener.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self._listener.shutdown()
        self._listener.server_close()

    def uses(self, key):
        """Signs with a key, of which its metadata has the certificate from now on."""
        config = {
            "entityid": self.entity,
            "xmlsec_binary": shutil.which("xmlsec1"),
            "key_file": key.key_file,
            "cert_file": key.cert_file,
            "metadata": {"inline": self._known},
            "service": {
                "idp": {
                    "endpoints": {
                        "single_sign_on_service": [(self.sign_on, BINDING_HTTP_REDIRECT)],
                    },
                    "name_id_format": [NAMEID_FORMAT_PERSISTENT],
                }
            },
        }
        names = self._server and self._server.ident
        self.metadata = str(entity_descriptor(IdPConfig().load(config)))
        self._server = Pysaml2Server(config=IdPConfig().load(config))
        # Another key, the same people.
        self._server.ident = names or self._server.ident
        self._key = key

    def answers(self, entity, acs):
        """Registers a service provider, as an administrator types it in."""
        self._known.append(
            f'<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" entityID="{entity}">'
            '<SPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">'
            f'<AssertionConsumerService Binding="{BINDING_HTTP_POST}" Location="{acs}" index="0"/>'
            "</SPSSODescriptor></EntityDescriptor>"
        )
        self.uses(self._key)

    def name_id(self, user):
        """The NameID under which the one service provider knows somebody."""
        (name_id,) = self._server.ident.find_nameid(user, format=NAMEID_FORMAT_PERSISTENT)
        return name_id.text

    def shows(self, query):
        """The page that asks for a password; the request comes back with it."""
        request = self._server.parse_authn_request(query["SAMLRequest"], BINDING_HTTP_REDIRECT)
        # Refuses a service provider, or an address of one, that is not registered.
        self._server.response_args(request.message)
        carried = {name: query[name] for name in ("SAMLRequest", "RelayState")}
        fields = "".join(
            f'<input type="hidden" name="{name}" value="{html.escape(value)}">'
            for name, value in carried.items()
        )
        name = html.escape(query.get("login_hint", ""))
        return (
            "<!DOCTYPE html><title>Partner</title><main><h1>Sign in to Partner</h1>"
            f'<form method="post" action="/password">{fields}'
            f'<input name="name" value="{name}"><input name="password" type="password">'
            '<button name="go">Sign in</button></form></main>'
        )

    def signs_in(self, form):
        """The page that posts the response."""
        account = self.accounts.get(form["name"])
        if account is None or form["password"] != PASSWORD:
            return "<!DOCTYPE html><main><h1>Wrong name or password</h1></main>"
        request = self._server.parse_authn_request(form["SAMLRequest"], BINDING_HTTP_REDIRECT)
        to = self._server.response_args(request.message)
        binding = to.pop("binding")
        response = self._server.create_authn_response(
            account.says,
            userid=account.user,
            authn={"class_ref": BY_PASSWORD, "authn_auth": self.entity},
            **to,
            **self.signs,
            **self.algorithms,
        )
        sent = self._server.apply_binding(
            binding, str(response), to["destination"], form["RelayState"], response=True
        )
        return sent["data"]


def _handler(provider):
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            address = urlsplit(self.path)
            if address.path == "/metadata":
                provider.metadata_read += 1
                self._answers(provider.metadata, "application/samlmetadata+xml")
            elif address.path == "/sso":
                self._answers(provider.shows(dict(parse_qsl(address.query))))
            else:
                self.send_error(404)

        def do_POST(self):
            body = self.rfile.read(int(self.headers["content-length"])).decode()
            self._answers(provider.signs_in(dict(parse_qsl(body))))

        def _answers(self, text, kind="text/html; charset=utf-8"):
            body = text.encode()
            self.send_response(200)
            self.send_header("content-type", kind)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    return Handler
