"""How large a request's body may be, by its address."""

import re
from typing import Final

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext as _

from academy.platform.errors import AcademyError
from academy.platform.http.answers import MACHINE_PREFIXES

ADMIN_PREFIX: Final = "/admin/"
_ADMIN_BYTES: Final = 32 * 2**20
_FORM_BYTES: Final = 2**20
_MULTIPART_BYTES: Final = 2**16


_takes_files: Final[list[re.Pattern[str]]] = [re.compile(re.escape(ADMIN_PREFIX))]


class BodyTooLargeError(AcademyError):
    """The body is larger than this address takes."""

    code = "too_large"
    http_status = 413


class FormUnsupportedError(AcademyError):
    """Files are taken where a page asks for one, and nowhere else."""

    code = "unsupported_media_type"
    http_status = 415


def accept_files(address: str) -> None:
    """Forms may carry files, up to the size of a form, where the address begins like this.

    `address` is a regular expression.
    """
    _takes_files.append(re.compile(address))


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
    takes_files = any(address.match(request.path_info) for address in _takes_files)
    is_large = length_bytes > _MULTIPART_BYTES
    if request.content_type == "multipart/form-data" and is_large and not takes_files:
        return FormUnsupportedError(_("Files cannot be sent here."))
    return None
