from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from academy.platform.administration.groups import DeskGroup


class ExportsConfig(AppConfig):
    name = "exports"
    verbose_name = _("Exports")
    default_auto_field = "django.db.models.BigAutoField"
    desk_group = DeskGroup.DOCUMENTS

    def ready(self) -> None:
        for module in (
            "artifacts.tasks",
            "classes.tasks",
            "classes.wiring",
            "lessons.tasks",
            "lessons.wiring",
            "people.tasks",
            "people.wiring",
        ):
            import_module(f"exports.{module}")
