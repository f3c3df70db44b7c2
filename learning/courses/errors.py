"""Refusals of courses."""

from collections.abc import Sequence

from academy.platform.errors import InvalidInputError, NotFoundError


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
