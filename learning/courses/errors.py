"""Refusals of courses."""

from collections.abc import Sequence

from academy.platform.errors import (
    ConflictError,
    InvalidInputError,
    NotFoundError,
    PermissionDeniedError,
)


class CourseNotFoundError(NotFoundError):
    """There is no such course here."""

    code = "not_found"


class ImportRefusedError(InvalidInputError):
    """The folder was not imported, and nothing was changed.

    `problems` are all that were found, each as `file:line: text`.
    """

    code = "import_refused"

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems))


class SlugTakenError(ConflictError):
    """Another course has this address, or had it before."""

    code = "slug_taken"


class SlugUnusableError(InvalidInputError):
    """An address of digits alone would be taken for a course's number: add a letter."""


class CourseInUseError(ConflictError):
    """People are or were enrolled in this course. Take it back instead of deleting it."""

    code = "course_in_use"


class StaffUnknownError(NotFoundError):
    """Nobody of that name teaches this course."""

    code = "not_found"


class PersonNotFoundError(NotFoundError):
    """Nobody here goes by that name."""

    code = "not_found"


class OwnsCourseError(ConflictError):
    """They own the course, and have no post beside that."""

    code = "owns_course"


class CoverUnusableError(InvalidInputError):
    """This picture cannot be a cover."""

    code = "unusable_figure"


class MakerUnfitError(PermissionDeniedError):
    """Courses are made by instructors and operators."""


class OwnerUnfitError(ConflictError):
    """Only instructors and operators own courses."""

    code = "owner_unfit"
