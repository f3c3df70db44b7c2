"""Writing courses: the only place that changes their rows.

Importing stands in `learning.courses.services.importing`: it publishes, and releases stand on
the rest.
"""

from learning.courses.services.changes import course_changed
from learning.courses.services.courses import course_save
from learning.courses.services.figures import figure_delete, figure_put, figures_collect
from learning.courses.services.holding import course_held

__all__ = [
    "course_changed",
    "course_held",
    "course_save",
    "figure_delete",
    "figure_put",
    "figures_collect",
]
