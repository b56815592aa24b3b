"""Applications that the default world has registered, and how to register one more address."""

from pathlib import Path
from typing import NamedTuple

WORLD = Path(__file__).parents[3] / "fixtures/worlds/contoso.toml"


class Registration(NamedTuple):
    client: str
    secret: str
    callback: str | None = None


CONTOSO_WEB = Registration(
    "c0a70500-0000-4000-8000-0000000000a1",
    "contoso-web-secret",
    "http://localhost:3000/auth/callback",
)
CONTOSO_DAEMON = Registration("c0a70500-0000-4000-8000-0000000000a5", "contoso-daemon-secret")
FABRIKAM_PORTAL = Registration(
    "fab21ca0-0000-4000-8000-0000000000b1",
    "fabrikam-portal-secret",
    "http://localhost:3001/auth/callback",
)


def redirecting_to(uri):
    """The default world in which Contoso Web has another redirect URI."""
    registered = f'"{CONTOSO_WEB.callback}",'
    world = WORLD.read_text()
    assert world.count(registered) == 1, f"{registered} once in the world"
    return world.replace(registered, f'{registered} "{uri}",')
