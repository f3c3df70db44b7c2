"""Writing lessons: the only place that changes their rows."""

from learning.lessons.services.revisions import revisions_ensure
from learning.lessons.services.saving import (
    RENDITION_KIND,
    address_kept,
    lesson_render,
    lesson_save,
    lessons_delete,
    lessons_refresh,
    lessons_set_status,
    rendition_store,
    renditions_refresh,
)

__all__ = [
    "RENDITION_KIND",
    "address_kept",
    "lesson_render",
    "lesson_save",
    "lessons_delete",
    "lessons_refresh",
    "lessons_set_status",
    "rendition_store",
    "renditions_refresh",
    "revisions_ensure",
]
