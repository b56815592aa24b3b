"""The people who sign in, and what Contoso says of them."""

from typing import NamedTuple

from server import CONTOSO, FABRIKAM


class Person(NamedTuple):
    address: str
    oid: str
    # Where a guest comes from; members have none.
    idp: str | None
    # How they prove who they are: at "work", by "passcode" or at "google".
    proof: str
    # Object and tenant that `client_info` names.
    home: tuple[str, str]

    @property
    def home_account_id(self):
        return ".".join(self.home)

    def claims(self, issuer):
        """What an ID token of Contoso says of this person."""
        return {
            "iss": issuer,
            "tid": CONTOSO,
            "oid": self.oid,
            "preferred_username": self.address,
            "idp": self.idp,
        }


def _without_home(address, oid, idp, proof):
    """A guest whose only object is the one in Contoso."""
    return Person(address, oid, idp, proof, (oid, CONTOSO))


_ALICE = "c0a70500-0000-4000-8000-000000000003"
ALICE = Person("alice@contoso.example", _ALICE, None, "work", (_ALICE, CONTOSO))
BOB = Person(
    "bob@fabrikam.example",
    "c0a70500-0000-4000-8000-000000000101",
    f"https://sts.windows.net/{FABRIKAM}/",
    "work",
    ("fab21ca0-0000-4000-8000-000000000001", FABRIKAM),
)
DAVE = _without_home(
    "dave@gmail.com", "c0a70500-0000-4000-8000-000000000103", "google.com", "google"
)
FRANK = _without_home(
    "frank@northwind.example", "c0a70500-0000-4000-8000-000000000106", "mail", "passcode"
)
