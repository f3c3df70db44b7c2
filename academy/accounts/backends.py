"""Sign-in by user name or e-mail address, limited wherever it is tried."""

from typing import Any, Final

from django.contrib.auth.backends import ModelBackend
from django.http import HttpRequest

from academy.accounts.models import User
from academy.accounts.selectors import person_by_name
from academy.platform.http.addresses import client_address
from academy.platform.http.limiting import hit, note, require, too_many

_ANYWHERE_TIMES: Final = 10
_MAILS_ANYWHERE_TIMES: Final = 4


class NameOrEmailBackend(ModelBackend):
    """Page, API and admin site sign in through here, and so share one limit.

    The limit comes first: hashing is what an attacker would make us do. A name that nobody has
    costs the same hashing as a wrong password.
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
        person = person_by_name(username)
        if request is not None and is_remote:
            # An account has several names and one limit; a name that nobody has is limited alike.
            _limit(request, f"user:{person.pk}" if person else f"name:{username.strip().lower()}")
        if person is None:
            User().set_password(password)
            return None
        if not person.check_password(password) or not self.user_can_authenticate(person):
            return None
        return person


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
    _require_anywhere(request, "mail", wanted, times=_MAILS_ANYWHERE_TIMES)


def _limit(request: HttpRequest, who: str) -> None:
    """One try at an account is counted: strictly from this address, generously from anywhere.

    Were it strict from anywhere, ten wrong tries of a stranger would lock the owner out.
    """
    require(request, "login", identity=f"{who} at {client_address(request.META)}")
    _require_anywhere(request, "login", who, times=_ANYWHERE_TIMES)


def _require_anywhere(request: HttpRequest, scope: str, who: str, *, times: int) -> None:
    anywhere = hit(scope, who, times=times, exact=True)
    if not anywhere.allowed:
        note(request, anywhere)
        raise too_many(anywhere)
