"""Applications that the default world has registered."""

from typing import NamedTuple


class Registration(NamedTuple):
    client: str
    secret: str | None
    callback: str | None = None


CONTOSO_WEB = Registration(
    "c0a70500-0000-4000-8000-0000000000a1",
    "contoso-web-secret",
    "http://localhost:3000/auth/callback",
)
CONTOSO_CLI = Registration("c0a70500-0000-4000-8000-0000000000a3", None, "http://localhost")
CONTOSO_DAEMON = Registration("c0a70500-0000-4000-8000-0000000000a5", "contoso-daemon-secret")
FABRIKAM_PORTAL = Registration(
    "fab21ca0-0000-4000-8000-0000000000b1",
    "fabrikam-portal-secret",
    "http://localhost:3001/auth/callback",
)
