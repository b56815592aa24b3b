"""World files with SAML peers in them."""

from pathlib import Path

from saml_sp import ACS, ENTITY, LOGOUT

DEFAULT = Path(__file__).parents[3] / "fixtures/worlds/contoso.toml"


def with_service_provider(builtin, entity=ENTITY, acs=ACS, logout=LOGOUT):
    """The default world in which a built-in provider answers a service provider of a test."""
    entry = (
        "\n[[federation_service_provider]]\n"
        f'builtin = "{builtin}"\n'
        f'entity_id = "{entity}"\n'
        f'reply_to = ["{acs}"]\n'
        f'logout_url = "{logout}"\n'
    )
    return DEFAULT.read_text() + entry


def with_partner(provider, guests, key=None):
    """The default world in which Contoso has federated a domain with a provider of a test.

    By its metadata, or by its address and the certificate of a key.
    """
    entry = (
        "[[tenant.federation]]\n"
        'display_name = "Partner"\n'
        'protocol = "saml"\n'
        f'issuer_uri = "{provider.entity}"\n'
        'domains = ["partner.example"]\n'
    )
    if key is None:
        entry += f'metadata_url = "{provider.metadata_url}"\n'
    else:
        entry += f'passive_sign_in_uri = "{provider.sign_on}"\n'
        entry += f'signing_certificate = "{key.cert_file}"\n'
    return _in_contoso(entry + _guests(guests))


def with_guests(guests, roles):
    """The default world in which Contoso has more guests, and its daemon more roles on Graph."""
    world = _in_contoso(_guests(guests))
    line = '"User.Invite.All", "User.Read.All", "Directory.ReadWrite.All"'
    assert world.count(line) == 1, line
    return world.replace(line, ", ".join([line, *(f'"{role}"' for role in roles)]))


def _guests(guests):
    return "".join(
        f'[[tenant.guest]]\nid = "{guest.oid}"\n'
        f'invited_user_email_address = "{guest.address}"\ninvitation = true\n'
        for guest in guests
    )


def _in_contoso(text):
    """Contoso is the first tenant, and the first to have a contact."""
    before, line, after = DEFAULT.read_text().partition("[[tenant.contact]]\n")
    assert line
    return f"{before}{text}{line}{after}"
