"""The rooms' models, where Django looks for them."""

from exports.artifacts.models import Artifact
from exports.classes.models import ClassExport
from exports.lessons.models import FigurePicture, LessonExport

__all__ = ["Artifact", "ClassExport", "FigurePicture", "LessonExport"]
