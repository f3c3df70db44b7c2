"""Asking once more who it is, before something that only the person may do."""

from academy.accounts.errors import FactorRequiredError, FactorWrongError, PasswordWrongError
from academy.accounts.models import User
from academy.accounts.selectors import has_second_factor
from academy.accounts.services.factors import factor_spend


def person_confirm(*, person: User, password: str, code: str | None) -> None:
    """It is the person: the password is theirs, and so is the code where they have a second factor.

    The code is spent by it. `code` None: the password alone is asked for. The caller counts the tries.

    Raises:
        PasswordWrongError: it is another password.
        FactorRequiredError: the code is missing.
        FactorWrongError: it is wrong, or was spent before.
    """
    if not person.check_password(password):
        raise PasswordWrongError(attr="password")
    if code is None or not has_second_factor(person):
        return
    if not code:
        raise FactorRequiredError(attr="otp")
    if not factor_spend(person=person, code=code):
        raise FactorWrongError(attr="otp")
