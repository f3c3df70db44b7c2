"""The rooms' models, where Django looks for them."""

from learning.courses.models import Course, CourseAddress, CourseFigure, CourseGrant, Section
from learning.lessons.models import Lesson, LessonAddress, LessonFigure, LessonRendition

__all__ = [
    "Course",
    "CourseAddress",
    "CourseFigure",
    "CourseGrant",
    "Lesson",
    "LessonAddress",
    "LessonFigure",
    "LessonRendition",
    "Section",
]
