"""Sign-in by user name or e-mail address, limited wherever it is tried."""

from functools import partial
from typing import Any, Final

from django.contrib.auth.backends import ModelBackend
from django.http import HttpRequest

from academy.accounts.afterwards import put_off
from academy.accounts.models import User
from academy.accounts.selectors import is_unconfirmed, person_by_name, unconfirmed_address
from academy.accounts.services import confirmation_again
from academy.platform.http.addresses import client_address
from academy.platform.http.limiting import hit, note, require, too_many

_ANYWHERE_TIMES: Final = 10
_MAILS_ANYWHERE_TIMES: Final = 4


class NameOrEmailBackend(ModelBackend):
    """Page, API and admin site sign in through here, and so share one limit.

    The limit comes first: hashing is what an attacker would make us do. A name that nobody has
    costs the same hashing as a wrong password. An account whose address was never confirmed is
    refused like a wrong password; whoever knows its password gets the link again, afterwards.
    """

    def authenticate(
        self,
        request: HttpRequest | None,
        username: str | None = None,
        password: str | None = None,
        **kwargs: Any,
    ) -> User | None:
        if username is None or password is None:
            return None
        is_remote = request is not None and bool(request.META.get("REMOTE_ADDR"))
        if request is not None and is_remote:
            require(request, "login", identity=f"addr:{client_address(request.META)}")
            # What was typed is counted, not whose it is: who shares a limit shares an account.
            _limit(request, f"name:{username.strip().lower()}")
        person = person_by_name(username)
        if person is None:
            User().set_password(password)
            return None
        if not person.check_password(password) or not self.user_can_authenticate(person):
            return None
        if not is_unconfirmed(person):
            return person
        if request is not None and is_remote:
            put_off(request, partial(_confirmation_again, client_address(request.META), person))
        return None


def count_try(request: HttpRequest, person: User) -> None:
    """One more try at the person's password is counted, wherever it is asked for.

    Raises:
        TooManyError: the limit is reached.
    """
    _limit(request, f"user:{person.pk}")


def count_code(request: HttpRequest, person: User) -> None:
    """One more try at the person's second factor is counted, from wherever it comes.

    Whoever gets so far has the password, and six digits are few: strict, not generous.

    Raises:
        TooManyError: the limit is reached.
    """
    require(request, "factor", identity=f"user:{person.pk}", exact=True)


def count_mail(request: HttpRequest, address: str) -> None:
    """One more mail that a stranger causes is counted, for who asks and for who would get it.

    Counted alike whether or not the address is known. As for sign-in, somebody's address is limited
    strictly from one place and generously from anywhere, so that no stranger uses it up.

    Raises:
        TooManyError: the limit is reached.
    """
    source = client_address(request.META)
    wanted = f"to:{address.strip().lower()}"
    require(request, "sign_up", identity=f"addr:{source}", exact=True)
    require(request, "mail", identity=f"{wanted} at {source}", exact=True)
    _require_quietly(request, "mail", wanted, times=_MAILS_ANYWHERE_TIMES)


def _limit(request: HttpRequest, who: str) -> None:
    """One try at an account is counted: strictly from this address, generously from anywhere.

    Were it strict from anywhere, ten wrong tries of a stranger would lock the owner out.
    """
    _require_quietly(request, "login", f"{who} at {client_address(request.META)}")
    _require_quietly(request, "login", who, times=_ANYWHERE_TIMES)


def _require_quietly(request: HttpRequest, scope: str, who: str, *, times: int = 1) -> None:
    """The answer tells this limit only where it refuses."""
    decision = hit(scope, who, times=times, exact=True)
    if not decision.allowed:
        note(request, decision)
        raise too_many(decision)


def _confirmation_again(source: str, person: User) -> None:
    """The link that confirms the person's address is on its way again, within the limits of mails.

    Counted apart from what strangers ask for: what is left of that can be seen, and would tell
    whether a mail was sent.
    """
    row = unconfirmed_address(person)
    if row is None:
        return
    wanted = (("sign_up", f"again addr:{source}"), ("mail", f"again to:{row.email}"))
    if all(hit(scope, who, exact=True).allowed for scope, who in wanted):
        confirmation_again(row=row)
