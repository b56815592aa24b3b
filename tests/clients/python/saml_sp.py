"""A service provider that signs its users in with pysaml2, as its manual says.

The address of the provider's metadata is a parameter. Nothing listens at the service provider's own
addresses: a test takes what the browser would have brought there.
"""

import os
import shutil
from urllib.parse import parse_qsl, urlsplit

from bs4 import BeautifulSoup
from saml2 import BINDING_HTTP_POST, BINDING_HTTP_REDIRECT
from saml2.client import Saml2Client
from saml2.config import SPConfig
from saml2.md import EntityDescriptor
from saml2.saml import NAMEID_FORMAT_PERSISTENT
from saml2.sigver import verify_redirect_signature

ENTITY = "https://sp.tests.example/metadata"
ACS = "https://sp.tests.example/acs"
LOGOUT = "https://sp.tests.example/slo"


class ServiceProvider:
    """`key` is its own; `signer` is a file with the certificate that metadata has to be signed by.

    `own` are settings of a service provider that the test wants different.
    """

    def __init__(
        self, metadata_url, key, entity=ENTITY, acs=ACS, logout=LOGOUT, signer=None, **own
    ):
        self.acs, self.logout = acs, logout
        here = {
            "assertion_consumer_service": [(acs, BINDING_HTTP_POST)],
            "single_logout_service": [(logout, BINDING_HTTP_REDIRECT)],
        }
        config = SPConfig().load(
            {
                "entityid": entity,
                "xmlsec_binary": shutil.which("xmlsec1"),
                "key_file": key.key_file,
                "cert_file": key.cert_file,
                "verify_ssl_cert": True,
                "ca_certs": os.environ.get("SSL_CERT_FILE"),
                "metadata": {"remote": [{"url": metadata_url, **_signed_by(signer)}]},
                "allow_unknown_attributes": True,
                "service": {
                    "sp": {
                        "endpoints": here,
                        "name_id_policy_format": NAMEID_FORMAT_PERSISTENT,
                        "want_response_signed": True,
                        "want_assertions_signed": True,
                        "allow_unsolicited": False,
                        "logout_requests_signed": True,
                        **own,
                    }
                },
            }
        )
        self.client = Saml2Client(config)
        # The one provider of that metadata.
        ((self.provider, _),) = self.client.metadata.with_descriptor("idpsso").items()
        # Requests that have not been answered yet, each with what it was for.
        self.outstanding = {}

    def begins(self, binding=BINDING_HTTP_REDIRECT, sign=False, **how):
        """An AuthnRequest: where to, and the form's fields, which the redirect binding has not."""
        request, sent = self.client.prepare_for_authenticate(
            self.provider, relay_state="/reports", binding=binding, sign=sign, **how
        )
        self.outstanding[request] = "/reports"
        if binding == BINDING_HTTP_REDIRECT:
            (location,) = (value for name, value in sent["headers"] if name == "Location")
            return location, None
        return sent["url"], _fields(sent["data"])

    def arrives(self, browser):
        """The form that the provider's page posts here: what the verified answer says."""
        browser.returns_to_application()
        assert browser.left == self.acs, browser.left
        assert browser.posted["RelayState"] == "/reports", browser.posted
        return self.takes(browser.posted["SAMLResponse"])

    def takes(self, response):
        """pysaml2 verifies signatures, issuer, audience, recipient, time and InResponseTo."""
        taken = self.client.parse_authn_request_response(
            response, BINDING_HTTP_POST, self.outstanding
        )
        del self.outstanding[taken.in_response_to]
        return taken

    def logs_out(self, name_id):
        """A signed LogoutRequest: where to send the browser."""
        binding, sent = self.client.global_logout(name_id)[self.provider]
        assert binding == BINDING_HTTP_REDIRECT, binding
        (location,) = (value for name, value in sent["headers"] if name == "Location")
        return location

    def known(self):
        """Who is signed in here."""
        return [str(name_id) for name_id in self.client.users.subjects()]

    def is_logged_out(self, location):
        """The LogoutResponse that the browser brings, if it is signed by the provider.

        pysaml2 leaves the query's signature to whoever calls it.
        """
        assert location.split("?")[0] == self.logout, location
        query = dict(parse_qsl(urlsplit(location).query, strict_parsing=True))
        metadata, crypto = self.client.metadata, self.client.sec.sec_backend
        certificates = metadata.certs(self.provider, "idpsso", "signing")
        if not any(verify_redirect_signature(query, crypto, one) for _name, one in certificates):
            return None
        answer = self.client.parse_logout_request_response(
            query["SAMLResponse"], BINDING_HTTP_REDIRECT
        )
        self.client.handle_logout_response(answer)
        return answer


def _signed_by(signer):
    if signer is None:
        return {}
    kind = f"{EntityDescriptor.c_namespace}:{EntityDescriptor.c_tag}"
    return {"cert": str(signer), "node_name": kind}


def _fields(page):
    """The hidden fields of the page that pysaml2 makes."""
    inputs = BeautifulSoup(page, "html.parser").select("input[type=hidden]")
    return {field["name"]: field["value"] for field in inputs}
