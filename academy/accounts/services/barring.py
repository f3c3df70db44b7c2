"""Keeping somebody out for as long as an operator wants, and letting them in again."""

from django.db import transaction

from academy.accounts.errors import AccountGoneError, OwnAccountError
from academy.accounts.models import User
from academy.accounts.selectors import is_anonymised
from academy.accounts.services.departures import operator_spare
from academy.accounts.services.sign_ins import sign_ins_end


@transaction.atomic
def person_deactivate(*, person_id: int, acting_user: User) -> bool:
    """Nobody can sign in to the account, and none of its sign-ins is good; False: it was so already.

    Open pages and sockets hear of it at once. What the person did, their places in courses and
    the courses that they own stay as they are.

    Raises:
        OwnAccountError: it is the acting operator's own.
        LeavingBlockedError: it is the last operator's.
    """
    if person_id == acting_user.pk:
        raise OwnAccountError
    operator_spare(person_id=person_id)
    person = _held(person_id, is_active=True)
    if person is None:
        return False
    person.is_active = False
    # By `save`, which tells open sockets.
    person.save(update_fields=["is_active"])
    sign_ins_end(person_id=person.pk)
    return True


@transaction.atomic
def person_activate(*, person_id: int) -> bool:
    """The person can sign in again, with the password that they had; False: they could already.

    Raises:
        AccountGoneError: the account was deleted, and there is nobody whom it would let in.
    """
    person = _held(person_id, is_active=False)
    if person is None:
        return False
    if is_anonymised(person):
        raise AccountGoneError
    person.is_active = True
    person.save(update_fields=["is_active"])
    return True


def _held(person_id: int, *, is_active: bool) -> User | None:
    people = User.objects.select_for_update(of=("self",))
    return people.filter(pk=person_id, is_active=is_active).first()
