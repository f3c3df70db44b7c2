"""What accounts hold of a person, for the portrait."""

from collections.abc import Iterator, Mapping
from typing import Any

from allauth.account.models import EmailAddress

from academy.accounts.models import BrowserSignIn, TokenFamily, User
from academy.accounts.selectors import has_second_factor


def profile_of(person_id: int) -> Mapping[str, Any]:
    person = User.objects.get(pk=person_id)
    return {
        "id": person.pk,
        "user_name": person.username,
        "name_shown": person.display_name,
        "email": person.email,
        "language": person.language,
        "time_zone": person.time_zone,
        "role": person.role,
        "second_factor": has_second_factor(person),
        "joined_at": person.date_joined,
        "last_sign_in_at": person.last_login,
    }


def addresses_of(person_id: int) -> Iterator[Mapping[str, Any]]:
    rows = EmailAddress.objects.filter(user_id=person_id).order_by("pk")
    yield from rows.values("email", "verified", "primary")


def sign_ins_of(person_id: int) -> Iterator[Mapping[str, Any]]:
    """Without keys and digests: they are credentials."""
    for browser in BrowserSignIn.objects.filter(person_id=person_id).order_by("pk"):
        yield {"kind": "browser", "browser": browser.agent, "began_at": browser.began_at}
    for family in TokenFamily.objects.filter(person_id=person_id).order_by("created_at", "pk"):
        yield {
            "kind": "token",
            "began_at": family.created_at,
            "expires_at": family.expires_at,
            "revoked_at": family.revoked_at,
        }
