"""The rooms' models, where Django looks for them."""

from exports.artifacts.models import Artifact
from exports.classes.models import ClassExport
from exports.lessons.models import FigurePicture, LessonExport
from exports.people.models import PersonPortrait

__all__ = ["Artifact", "ClassExport", "FigurePicture", "LessonExport", "PersonPortrait"]
