"""How large a request's body may be, by its address."""

from typing import Final

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext as _

from academy.platform.errors import AcademyError
from academy.platform.http.answers import MACHINE_PREFIXES
from academy.platform.http.exceptions import BodyTooLargeError

ADMIN_PREFIX: Final = "/admin/"
_ADMIN_BYTES: Final = 32 * 2**20
_FORM_BYTES: Final = 2**20
_MULTIPART_BYTES: Final = 2**16


class FormUnsupportedError(AcademyError):
    """Files are taken in the administration alone."""

    code = "unsupported_media_type"
    http_status = 415


def body_limit_bytes(path: str) -> int:
    """The most that a request to `path` may carry."""
    if path.startswith(ADMIN_PREFIX):
        return _ADMIN_BYTES
    if path.startswith(MACHINE_PREFIXES):
        limit_bytes: int = settings.JSON_BYTES
        return limit_bytes
    return _FORM_BYTES


def body_refusal(request: HttpRequest) -> AcademyError | None:
    """Why the body is not even looked at; None when it may be.

    CSRF protection parses forms before a view can say that it takes none, and multipart costs
    the most: what is large enough for a file is refused wherever no file is wanted.
    """
    try:
        length_bytes = int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        length_bytes = 0
    if length_bytes > body_limit_bytes(request.path_info):
        return BodyTooLargeError()
    takes_files = request.path_info.startswith(ADMIN_PREFIX)
    is_large = length_bytes > _MULTIPART_BYTES
    if request.content_type == "multipart/form-data" and is_large and not takes_files:
        return FormUnsupportedError(_("Files cannot be sent here."))
    return None
