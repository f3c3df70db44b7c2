from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from academy.platform.administration.groups import DeskGroup


class AccountsConfig(AppConfig):
    name = "academy.accounts"
    label = "accounts"
    verbose_name = _("People")
    default_auto_field = "django.db.models.BigAutoField"
    desk_group = DeskGroup.PEOPLE

    def ready(self) -> None:
        import_module("academy.accounts.wiring")
