"""Where rows stand on the operators' home and in its menu: by what an operator does with them."""

from collections.abc import Iterable
from typing import Any, Final

from django.apps import apps
from django.db.models import TextChoices
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

USUAL_RANK: Final = 50
SELDOM_RANK: Final = 100


class DeskGroup(TextChoices):
    """A part of the home, in their order there."""

    PEOPLE = "people", _("People")
    LEARNING = "learning", _("Courses and learning")
    DOCUMENTS = "documents", pgettext_lazy("desk", "Documents")
    MAILS = "mails", pgettext_lazy("desk", "Mails")
    WORK = "work", _("Work behind the scenes")


def grouped(found: Iterable[dict[str, Any]], pages: Any) -> list[dict[str, Any]]:
    """Django's apps with their models as groups with theirs, in the theme's form of a menu.

    `pages` are the site's, by model. What is needed daily comes first in a group; `seldom` of a
    model says that it is not. A model whose page names no group is in its app's (`desk_group` of
    the AppConfig), and what names neither is work behind the scenes.
    """
    models = sorted(
        (
            {**model, "seldom": _rank(pages[model["model"]]) >= SELDOM_RANK}
            for app in found
            for model in app["models"]
        ),
        key=lambda model: (_rank(pages[model["model"]]), str(model["name"])),
    )
    home = reverse("admin:index")
    shown = [
        {
            "name": group.label,
            "app_label": group.value,
            "app_url": f"{home}#group-{group.value}",
            "has_module_perms": True,
            "models": [one for one in models if _group(one["model"], pages) is group],
        }
        for group in DeskGroup
    ]
    return [_headed(group) for group in shown if group["models"]]


def _group(model: Any, pages: Any) -> DeskGroup:
    named = getattr(pages[model], "group", None)
    app = apps.get_app_config(model._meta.app_label)  # noqa: SLF001 - Django's documented _meta API
    return named or getattr(app, "desk_group", None) or DeskGroup.WORK


def _rank(page: Any) -> int:
    return getattr(page, "rank", SELDOM_RANK)


def _headed(group: dict[str, Any]) -> dict[str, Any]:
    """The menu has a heading before the first model of a group that is seldom needed."""
    models = group["models"]
    first = next((model for model in models if model["seldom"]), None)
    if first is not None and first is not models[0]:
        first["header"] = _("Seldom needed")
    return group
