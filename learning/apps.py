from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from academy.platform.administration.groups import DeskGroup


class LearningConfig(AppConfig):
    name = "learning"
    verbose_name = _("Courses")
    default_auto_field = "django.db.models.BigAutoField"
    desk_group = DeskGroup.LEARNING

    def ready(self) -> None:
        for module in (
            "learning.classes.wiring",
            "learning.courses.leaving",
            "learning.courses.personal",
            "learning.courses.tasks",
            "learning.courses.wiring",
            "learning.desk.live",
            "learning.enrolments.personal",
            "learning.enrolments.tasks",
            "learning.enrolments.wiring",
            "learning.lessons.tasks",
            "learning.progress.personal",
            "learning.progress.tasks",
            "learning.progress.wiring",
            "learning.releases.personal",
            "learning.rights.wiring",
        ):
            import_module(module)
