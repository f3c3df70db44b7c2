"""The rooms' models, where Django looks for them."""

from exports.artifacts.models import Artifact
from exports.lessons.models import FigurePicture, LessonExport

__all__ = ["Artifact", "FigurePicture", "LessonExport"]
