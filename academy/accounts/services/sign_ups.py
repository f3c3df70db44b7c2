"""Making accounts: an account waits until its address is confirmed."""

import secrets
from typing import Final

from allauth.account.models import EmailAddress, EmailConfirmationHMAC
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.urls import reverse
from django.utils.text import slugify

from academy.accounts.letters import letter_send, link
from academy.accounts.models import User
from academy.accounts.selectors import person_by_address
from academy.accounts.zones import UTC

_NAME_CHARACTERS: Final = 24


def person_sign_up(
    *, address: str, password: str, display_name: str, language: str, time_zone: str = UTC
) -> None:
    """A new account waits for its confirmation, or the owner of the address is told of the try.

    Whoever asks cannot tell which: both hash the password first, and both write one mail. Nobody
    is kept from an address by somebody else's unconfirmed account: the first to confirm has it.
    """
    hashed = make_password(password)
    with transaction.atomic():
        owner = person_by_address(address)
        if owner is not None:
            letter_send(
                "sign_up_again",
                to=owner.email,
                language=owner.language,
                name=str(owner),
                sign_in=link(reverse("accounts:sign-in")),
                reset=link(reverse("accounts:reset")),
            )
            return
        person = User(
            username=_fresh_username(display_name),
            display_name=display_name,
            language=language,
            language_chosen=True,
            time_zone=time_zone,
            password=hashed,
        )
        person.save()
        row = EmailAddress.objects.create(user=person, email=address.strip().lower())
        confirmation_send(row=row)


def confirmation_send(*, row: EmailAddress) -> None:
    """The link that confirms this address is on its way to it."""
    person = row.user
    # Without a name: whoever signed up chose it, and the address may be a stranger's.
    letter_send(
        "confirm",
        to=row.email,
        language=person.language,
        is_new=not person.email,
        url=link(reverse("accounts:confirm"), key=EmailConfirmationHMAC(row).key),
    )


@transaction.atomic
def confirmation_again(*, row: EmailAddress) -> None:
    """A new link is on its way to the address, and those that were sent before are spent."""
    if EmailAddress.objects.filter(pk=row.pk, verified=False).delete()[0]:
        fresh = EmailAddress.objects.create(user=row.user, email=row.email, primary=row.primary)
        confirmation_send(row=fresh)


def _fresh_username(display_name: str) -> str:
    """A name for a person who was asked for none; they sign in by their address."""
    stem = slugify(display_name)[:_NAME_CHARACTERS].strip("-") or "person"
    return f"{stem}-{secrets.token_hex(4)}"
