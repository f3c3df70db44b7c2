"""Writing courses: the only place that changes their rows."""

from learning.courses.services.changes import course_changed
from learning.courses.services.courses import course_save
from learning.courses.services.demo import demo_course_ensure
from learning.courses.services.figures import figure_delete, figure_put, figures_collect
from learning.courses.services.importing import ImportReport, course_import

__all__ = [
    "ImportReport",
    "course_changed",
    "course_import",
    "course_save",
    "demo_course_ensure",
    "figure_delete",
    "figure_put",
    "figures_collect",
]
