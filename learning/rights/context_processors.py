"""What every page says of one's teaching."""

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from academy.accounts.permissions import Person
from learning.rights.selectors import is_teaching


def teaching(request: HttpRequest) -> dict[str, Any]:
    """`teaches`: whether the person has courses to teach, or may make one; asked where it is shown.

    At most one query, and none for strangers, instructors and operators.
    """
    person: Person = getattr(request, "user", None)
    return {"teaches": SimpleLazyObject(lambda: is_teaching(person))}
