"""Refusals of the document renderer."""

from academy.platform.errors import AcademyError


class TooComplexError(AcademyError):
    """This text is too large or too deeply nested to be made into a document."""

    code = "too_complex"
    http_status = 422


class UnusableFigureError(AcademyError):
    """This picture cannot be used."""

    code = "unusable_figure"
    http_status = 422
