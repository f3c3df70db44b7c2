"""E-mail addresses: one is the person's; a new one waits until its owner confirms it."""

from allauth.account.models import EmailAddress, EmailConfirmationHMAC
from django.db import IntegrityError, transaction
from django.urls import reverse

from academy.accounts.errors import LinkSpentError
from academy.accounts.letters import letter_send, link
from academy.accounts.models import User
from academy.accounts.selectors import person_by_address, unconfirmed_people
from academy.accounts.services.sign_ups import confirmation_send


@transaction.atomic
def address_change_ask(*, person: User, address: str) -> None:
    """The address waits to be confirmed in place of the person's own.

    Where it is somebody else's, that person is told instead; whoever asks cannot tell which.
    """
    wanted = address.strip().lower()
    EmailAddress.objects.filter(user_id=person.pk, verified=False).delete()
    if wanted == person.email.lower() and _is_confirmed(person):
        return
    owner = person_by_address(wanted)
    # The row stands in either case: the account page shows it as waiting.
    row = EmailAddress.objects.filter(user_id=person.pk, email=wanted).first()
    row = row or EmailAddress.objects.create(user=person, email=wanted)
    if owner is not None and owner.pk != person.pk:
        letter_send(
            "address_wanted",
            to=owner.email,
            language=owner.language,
            name=str(owner),
            reset=link(reverse("accounts:reset")),
        )
        return
    if row.verified:
        # Confirmed once, and set aside by an operator since: it has to be confirmed again.
        EmailAddress.objects.filter(pk=row.pk).update(verified=False, primary=False)
        row.refresh_from_db()
    confirmation_send(row=row)


def address_change_withdraw(*, person: User) -> None:
    """No address waits to be confirmed; links that were sent are spent."""
    EmailAddress.objects.filter(user_id=person.pk, verified=False).delete()


def address_confirm(*, key: str) -> User:
    """The address that the link was sent to is the person's, and the one before is told.

    Other accounts that waited for the same address are gone.

    Raises:
        LinkSpentError: the link is not ours, too old, used, or withdrawn; or the address became
            somebody else's meanwhile.
    """
    found = EmailConfirmationHMAC.from_key(key)
    if found is None:
        raise LinkSpentError
    try:
        return _confirmed(found.email_address)
    except IntegrityError:
        # Two people confirmed one address at the same moment: the constraint knows who was first.
        raise LinkSpentError from None


@transaction.atomic
def _confirmed(wanted: EmailAddress) -> User:
    # All who wait for the address, in one order: each would delete the others. People come before
    # their addresses, as for who deletes an account.
    waiting = EmailAddress.objects.filter(email=wanted.email).order_by("pk")
    found = User.objects.select_for_update(of=("self",)).filter(
        pk__in=waiting.order_by().values("user_id")
    )
    people = {person.pk: person for person in found.order_by("pk")}
    rows = waiting.select_for_update(of=("self",))
    row = next((found for found in rows if found.pk == wanted.pk and not found.verified), None)
    if row is None:
        raise LinkSpentError
    person = people[row.user_id]
    owner = person_by_address(row.email)
    if not person.is_active or (owner is not None and owner.pk != person.pk):
        raise LinkSpentError
    previous = person.email
    _clear_the_way(row, person)
    EmailAddress.objects.filter(pk=row.pk).update(verified=True, primary=True)
    person.email = row.email
    person.save(update_fields=["email"])
    if previous and previous.lower() != row.email:
        letter_send(
            "address_changed",
            to=previous,
            language=person.language,
            name=str(person),
            address=row.email,
            reset=link(reverse("accounts:reset")),
        )
    return person


def _clear_the_way(row: EmailAddress, person: User) -> None:
    EmailAddress.objects.filter(user_id=person.pk).exclude(pk=row.pk).delete()
    others = EmailAddress.objects.filter(email=row.email).exclude(user_id=person.pk)
    # Evaluated first: deleting people deletes the rows that the query looks at.
    waiting = list(others.filter(verified=False).values_list("user_id", flat=True))
    unconfirmed_people().filter(pk__in=waiting).delete()
    others.delete()


def _is_confirmed(person: User) -> bool:
    rows = EmailAddress.objects.filter(user_id=person.pk, verified=True)
    return bool(rows.filter(email__iexact=person.email).exists())
