"""How far learners are."""

from learning.progress.selectors.classes import (
    LearnerProgressDocument,
    figures_of,
    learner_documents,
    learners_of,
)
from learning.progress.selectors.documents import (
    ProgressDocument,
    iso,
    progress_document,
    progress_documents,
    resume_document,
)
from learning.progress.selectors.mine import Activity, MyCourse, my_courses, recent_activity
from learning.progress.selectors.places import (
    Mark,
    Place,
    marks_of,
    progress_row,
    read_release,
    read_release_id,
    seat_of,
    seq_of,
)

__all__ = [
    "Activity",
    "LearnerProgressDocument",
    "Mark",
    "MyCourse",
    "Place",
    "ProgressDocument",
    "figures_of",
    "iso",
    "learner_documents",
    "learners_of",
    "marks_of",
    "my_courses",
    "progress_document",
    "progress_documents",
    "progress_row",
    "read_release",
    "read_release_id",
    "recent_activity",
    "resume_document",
    "seat_of",
    "seq_of",
]
