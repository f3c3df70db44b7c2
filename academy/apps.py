from importlib import import_module

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _


class AcademyConfig(AppConfig):
    name = "academy"
    verbose_name = _("Academy")

    def ready(self) -> None:
        import_module("academy.platform.database.cursors")
        import_module("academy.platform.database.words")
        # A process that only sends hints has an empty task registry otherwise.
        import_module("academy.celery")
        autodiscover_modules("tasks")
