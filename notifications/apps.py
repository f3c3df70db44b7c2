from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from academy.platform.administration.groups import DeskGroup


class NotificationsConfig(AppConfig):
    name = "notifications"
    verbose_name = _("Notifications")
    default_auto_field = "django.db.models.BigAutoField"
    desk_group = DeskGroup.MAILS

    def ready(self) -> None:
        for module in ("email.personal", "email.tasks", "email.wiring"):
            import_module(f"notifications.{module}")
