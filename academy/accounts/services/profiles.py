"""What people say of themselves."""

from collections.abc import Mapping
from typing import Any, Final

from academy.accounts.models import User
from academy.accounts.zones import UTC

_OWN: Final = ("display_name", "language", "time_zone")


def profile_change(*, person: User, values: Mapping[str, Any]) -> User:
    """The person's name, language and time zone are these; what is not given stays.

    `values` are checked: the edge has validated them by the model's own validators.
    """
    given: dict[str, Any] = {name: values[name] for name in _OWN if name in values}
    if "time_zone" in given:
        given["time_zone_chosen"] = True
    if "language" in given:
        given["language_chosen"] = True
    changed = [name for name, value in given.items() if value != getattr(person, name)]
    for name in changed:
        setattr(person, name, given[name])
    if changed:
        person.save(update_fields=changed)
    return person


def zone_begin(*, person: User, zone: str) -> None:
    """Whoever never signed in by a browser, and chose no zone, has this one; empty: none."""
    never = User.objects.filter(
        pk=person.pk, last_login=None, time_zone=UTC, time_zone_chosen=False
    )
    if zone and never.update(time_zone=zone):
        person.time_zone = zone


def language_begin(*, person: User, language: str) -> None:
    """Whoever never signed in by a browser, and chose no language, reads this one."""
    never = User.objects.filter(pk=person.pk, last_login=None, language_chosen=False)
    if language != person.language and never.update(language=language):
        person.language = language
