"""A world in which Contoso has an application with SAML sign-on."""

from saml_sp import ACS, ENTITY, LOGOUT
from saml_world import DEFAULT


def with_sign_on_application(key, entity=ENTITY, acs=ACS, logout=LOGOUT):
    """The default world with a service provider of a test, which signs with `key`."""
    entry = (
        "[[tenant.application]]\n"
        'client_id = "c0a70500-0000-4000-8000-0000000000b1"\n'
        'display_name = "Expenses"\n'
        'kind = "web"\n'
        f'identifier_uris = ["{entity}"]\n'
        f'redirect_uris = ["{acs}"]\n'
        f'logout_url = "{logout}"\n'
        f'key_credentials = [{{ certificate = "{key.base64}" }}]\n'
        # pysaml2 signs with SHA-1 unless it is told not to.
        'request_signature_verification = { allowed_weak_algorithms = "rsaSha1" }\n'
    )
    marker = "# --- Tailspin"
    contoso, others = DEFAULT.read_text().split(marker)
    return f"{contoso}{entry}\n{marker}{others}"
