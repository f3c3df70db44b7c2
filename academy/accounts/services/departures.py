"""Leaving: the person is gone, and what they did stays as somebody's, so that statistics hold."""

import secrets

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from academy.accounts.errors import LeavingBlockedError
from academy.accounts.leaving import holds_suffice, holds_take, obstacles_of
from academy.accounts.letters import letter_send
from academy.accounts.models import Role, User
from academy.accounts.selectors import (
    GONE_BYTES,
    GONE_PREFIX,
    is_anonymised,
    proven_addresses,
)
from academy.accounts.services.logging import log_forget
from academy.accounts.services.sign_ins import sign_ins_end
from academy.accounts.signals import person_anonymised


def person_anonymise(*, person_id: int) -> None:
    """Nobody can tell any more whose account this was, and nobody can sign in to it.

    The row stays, without name, address, language and time zone; sign-ins, second factor and
    addresses are gone. Rooms above do their part on `person_anonymised`, in the same transaction.
    Done already: nothing happens.

    Raises:
        LeavingBlockedError: they own courses, or are the last operator; it says what to do first.
    """
    while not _anonymised(person_id):
        # They came into another course meanwhile: it has to be held before they are.
        continue


@transaction.atomic
def _anonymised(person_id: int) -> bool:
    """It is done; False: nothing is, and nothing is locked, since more has to be held first."""
    here = transaction.savepoint()
    held = holds_take(person_id)
    _operators_lock()
    person = User.objects.select_for_update(of=("self",)).filter(pk=person_id).first()
    if person is None or is_anonymised(person):
        return True
    if not holds_suffice(held, person_id):
        transaction.savepoint_rollback(here)
        return False
    _refuse_if_needed(person)
    _take_leave(person)
    return True


def _take_leave(person: User) -> None:
    addresses = tuple(proven_addresses(person.pk))
    username = person.username
    told = (person.email, person.language, str(person))
    EmailAddress.objects.filter(user_id=person.pk).delete()
    Authenticator.objects.filter(user_id=person.pk).delete()
    sign_ins_end(person_id=person.pk)
    person.token_families.all().delete()
    _forget(person)
    log_forget(person)
    person_anonymised.send(sender=None, person_id=person.pk, username=username, addresses=addresses)
    if told[0]:
        letter_send("left", to=told[0], language=told[1], name=told[2])


def operator_spare(*, person_id: int) -> None:
    """The person can stop being an active operator: there is another. Within a transaction.

    Raises:
        LeavingBlockedError: they are the last.
    """
    _operators_lock()
    person = User.objects.filter(pk=person_id, is_active=True).first()
    if person is not None and _is_last_operator(person):
        raise LeavingBlockedError(_last_operator())


def _operators_lock() -> None:
    """Every operator's row, in one order: of the last two only one can leave."""
    operators = (
        User.objects.select_for_update(no_key=True, of=("self",))
        .filter(role=Role.OPERATOR)
        .order_by("pk")
    )
    list(operators.values_list("pk"))


def _refuse_if_needed(person: User) -> None:
    needs = obstacles_of(person.pk)
    if _is_last_operator(person):
        needs.append(_last_operator())
    if needs:
        raise LeavingBlockedError(" ".join(needs))


def _is_last_operator(person: User) -> bool:
    others = User.objects.filter(role=Role.OPERATOR, is_active=True).exclude(pk=person.pk)
    return person.is_operator and not others.exists()


def _last_operator() -> str:
    return _("You are the last operator: make somebody else an operator first.")


def _forget(person: User) -> None:
    with translation.override(settings.LANGUAGE_CODE):
        person.display_name = _("Deleted person")
    person.username = f"{GONE_PREFIX}{secrets.token_hex(GONE_BYTES)}"
    person.email = ""
    person.language, person.language_chosen = settings.LANGUAGE_CODE, False
    person.time_zone, person.time_zone_chosen = settings.TIME_ZONE, False
    person.role = Role.LEARNER
    person.is_active = False
    person.is_superuser = False
    person.last_login = None
    person.set_unusable_password()
    person.save()
    person.groups.clear()
    person.user_permissions.clear()
