"""Sign-in by user name or e-mail address, limited wherever it is tried."""

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.http import HttpRequest

from academy.accounts.models import User
from academy.accounts.selectors import person_by_name
from academy.platform.http.addresses import client_address
from academy.platform.http.limiting import require


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
        if request is not None and request.META.get("REMOTE_ADDR"):
            require(request, "login", identity=f"addr:{client_address(request.META)}")
            require(request, "login", identity=f"name:{username.strip().lower()}")
        person = person_by_name(username)
        if person is None:
            User().set_password(password)
            return None
        if not person.check_password(password) or not self.user_can_authenticate(person):
            return None
        return person
