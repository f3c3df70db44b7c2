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
from learning.progress.selectors.mine import (
    Activity,
    ClosedCourse,
    MyCourse,
    MyLearning,
    my_courses,
    my_learning,
    news_of,
    recent_activity,
)
from learning.progress.selectors.places import (
    Mark,
    Place,
    marks_of,
    progress_row,
    read_release,
    read_release_id,
    seat_of,
    seq_of,
    with_title_read,
)

__all__ = [
    "Activity",
    "ClosedCourse",
    "LearnerProgressDocument",
    "Mark",
    "MyCourse",
    "MyLearning",
    "Place",
    "ProgressDocument",
    "figures_of",
    "iso",
    "learner_documents",
    "learners_of",
    "marks_of",
    "my_courses",
    "my_learning",
    "news_of",
    "progress_document",
    "progress_documents",
    "progress_row",
    "read_release",
    "read_release_id",
    "recent_activity",
    "resume_document",
    "seat_of",
    "seq_of",
    "with_title_read",
]
