"""What changes progress: telling events, deriving anew, and an instructor's word."""

from learning.progress.services.overriding import progress_override
from learning.progress.services.rebuilding import progress_rebuild
from learning.progress.services.recording import NewEvent, Outcome, progress_record
from learning.progress.services.refreshing import (
    COURSE_PROGRESS_KIND,
    course_progress_follow,
    course_progress_refresh,
    openings_follow,
    progress_refresh,
)

__all__ = [
    "COURSE_PROGRESS_KIND",
    "NewEvent",
    "Outcome",
    "course_progress_follow",
    "course_progress_refresh",
    "openings_follow",
    "progress_override",
    "progress_rebuild",
    "progress_record",
    "progress_refresh",
]
