from importlib import import_module

from celery import current_app
from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from academy.platform.administration.groups import DeskGroup


class SchedulerConfig(AppConfig):
    name = "scheduler"
    verbose_name = _("Jobs")
    default_auto_field = "django.db.models.BigAutoField"
    desk_group = DeskGroup.WORK

    def ready(self) -> None:
        for module in (
            "jobs.tasks.housekeeping",
            "jobs.live",
            "jobs.leaving",
        ):
            import_module(f"scheduler.{module}")
        import_module("scheduler.jobs.workers").equip(current_app)
