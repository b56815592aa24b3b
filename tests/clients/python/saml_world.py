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
