"""Writing lessons: the only place that changes their rows."""

from learning.lessons.services.editing import contents_set, lesson_edit
from learning.lessons.services.renditions import (
    COURSE_RENDITIONS_KIND,
    RENDITION_KIND,
    rendition_store,
    renditions_ask,
    renditions_refresh,
    revision_render,
)
from learning.lessons.services.revisions import (
    drafts_standing,
    revisions_collect,
    revisions_ensure,
    revisions_held,
)
from learning.lessons.services.saving import (
    RESERVED_SLUGS,
    address_kept,
    course_lock,
    drafts_keep,
    lesson_save,
    lessons_delete,
    lessons_follow,
    lessons_refresh,
    lessons_set_status,
)

__all__ = [
    "COURSE_RENDITIONS_KIND",
    "RENDITION_KIND",
    "RESERVED_SLUGS",
    "address_kept",
    "contents_set",
    "course_lock",
    "drafts_keep",
    "drafts_standing",
    "lesson_edit",
    "lesson_save",
    "lessons_delete",
    "lessons_follow",
    "lessons_refresh",
    "lessons_set_status",
    "rendition_store",
    "renditions_ask",
    "renditions_refresh",
    "revision_render",
    "revisions_collect",
    "revisions_ensure",
    "revisions_held",
]
