"""Parts of the class's page that other apps bring."""

from collections.abc import Callable
from typing import TypeAlias

from django.http import HttpRequest
from django.utils.safestring import SafeString

from learning.classes.access import Classroom

Panel: TypeAlias = Callable[[HttpRequest, Classroom], SafeString | None]

_panels: list[Panel] = []


def register(panel: Panel) -> None:
    """The class's page shows what `panel` returns; None shows nothing. Idempotent."""
    if panel not in _panels:
        _panels.append(panel)


def forget(panel: Panel) -> None:
    """The panel is no longer shown; for tests that declare their own."""
    if panel in _panels:
        _panels.remove(panel)


def panels_for(request: HttpRequest, room: Classroom) -> list[SafeString]:
    """What the registered panels show, in the order of their registration."""
    made = (panel(request, room) for panel in _panels)
    return [shown for shown in made if shown is not None]
