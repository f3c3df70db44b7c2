"""The rooms' models, where Django looks for them."""

from learning.courses.models import (
    Course,
    CourseAddress,
    CourseChange,
    CourseFigure,
    CourseGrant,
    CourseStaff,
    Section,
)
from learning.enrolments.models import (
    Cohort,
    DripOverride,
    DripRule,
    Enrolment,
    EnrolmentKey,
    EnrolmentList,
    EnrolmentListLine,
)
from learning.lessons.models import (
    Lesson,
    LessonAddress,
    LessonFigure,
    LessonRendition,
    LessonRevision,
)
from learning.progress.models import CourseProgress, LessonProgress, ProgressEvent
from learning.releases.models import Release, ReleaseLesson

__all__ = [
    "Cohort",
    "Course",
    "CourseAddress",
    "CourseChange",
    "CourseFigure",
    "CourseGrant",
    "CourseProgress",
    "CourseStaff",
    "DripOverride",
    "DripRule",
    "Enrolment",
    "EnrolmentKey",
    "EnrolmentList",
    "EnrolmentListLine",
    "Lesson",
    "LessonAddress",
    "LessonFigure",
    "LessonProgress",
    "LessonRendition",
    "LessonRevision",
    "ProgressEvent",
    "Release",
    "ReleaseLesson",
    "Section",
]
