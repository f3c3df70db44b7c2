"""The second factor: codes of an app (TOTP, RFC 6238), and recovery codes for a lost one."""

import hmac
import re
import time
from collections.abc import Sequence
from typing import Final

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value
from allauth.mfa.utils import decrypt
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from academy.accounts.errors import FactorStateError, FactorWrongError
from academy.accounts.letters import letter_send, link
from academy.accounts.models import User
from academy.accounts.selectors import has_second_factor

_STEP_SECONDS: Final = 30
# RFC 6238, section 5.2: one step for a clock that is off and for slow fingers.
_TOLERANCE: Final = (-1, 0, 1)
_COUNTER: Final = "spent_counter"
_SPACES: Final = re.compile(r"[\s-]+")


@transaction.atomic
def factor_spend(*, person: User, code: str) -> bool:
    """The code was right and is good no more; False: it was wrong, or spent before.

    Takes codes of the app and recovery codes. The caller counts the tries.
    """
    given = _SPACES.sub("", code)
    rows = Authenticator.objects.select_for_update(of=("self",)).filter(user_id=person.pk)
    for row in rows.order_by("pk"):
        if row.type == Authenticator.Type.TOTP and _totp_spent(row, given):
            return True
        if row.type == Authenticator.Type.RECOVERY_CODES and RecoveryCodes(row).validate_code(
            given
        ):
            row.record_usage()
            return True
    return False


@transaction.atomic
def factor_switch_on(*, person: User, secret: str, code: str) -> Sequence[str]:
    """From now on a password alone does not let the person in; returns the recovery codes.

    Raises:
        FactorStateError: it is on already.
        FactorWrongError: the code does not belong to the secret: the app has not got it.
    """
    User.objects.select_for_update(of=("self",)).get(pk=person.pk)
    if has_second_factor(person):
        raise FactorStateError
    counter = _counter_of(secret, _SPACES.sub("", code))
    if counter is None:
        raise FactorWrongError
    row = TOTP.activate(person, secret).instance
    # What switched it on must not sign anybody in.
    row.data[_COUNTER] = counter
    row.save(update_fields=["data"])
    codes = _fresh_codes(person)
    _tell(person, "factor_on")
    return codes


@transaction.atomic
def factor_switch_off(*, person: User) -> None:
    """The password alone lets the person in; the caller has confirmed them.

    Raises:
        FactorStateError: it is off already.
    """
    if not Authenticator.objects.filter(user_id=person.pk).delete()[0]:
        raise FactorStateError
    _tell(person, "factor_off")


@transaction.atomic
def factor_codes_renew(*, person: User) -> Sequence[str]:
    """Ten new recovery codes; none of the old ones is good. The caller has confirmed the person.

    Raises:
        FactorStateError: there is no second factor.
    """
    User.objects.select_for_update(of=("self",)).get(pk=person.pk)
    if not has_second_factor(person):
        raise FactorStateError
    codes = _fresh_codes(person)
    _tell(person, "factor_codes")
    return codes


def _fresh_codes(person: User) -> list[str]:
    kind = Authenticator.Type.RECOVERY_CODES
    Authenticator.objects.filter(user_id=person.pk, type=kind).delete()
    codes: list[str] = RecoveryCodes.activate(person).get_unused_codes()
    return codes


def _totp_spent(row: Authenticator, code: str) -> bool:
    """The row is locked: of two who send one code at once, the second finds it spent."""
    counter = _counter_of(decrypt(row.data["secret"]), code, after=row.data.get(_COUNTER, -1))
    if counter is None:
        return False
    row.data[_COUNTER] = counter
    row.last_used_at = timezone.now()
    row.save(update_fields=["data", "last_used_at"])
    return True


def _counter_of(secret: str, code: str, *, after: int = -1) -> int | None:
    """The time step that the code is of, if it is none up to `after`."""
    now = int(time.time()) // _STEP_SECONDS
    for counter in (now + offset for offset in _TOLERANCE):
        expected = format_hotp_value(hotp_value(secret, counter))
        if counter > after and hmac.compare_digest(expected.encode(), code.encode()):
            return counter
    return None


def _tell(person: User, letter: str) -> None:
    if person.email:
        letter_send(
            letter,
            to=person.email,
            language=person.language,
            name=str(person),
            account=link(reverse("accounts:me")),
            reset=link(reverse("accounts:reset")),
        )
