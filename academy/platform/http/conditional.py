"""Answers that are not sent again when the client has them (RFC 9110, section 13)."""

import hashlib
from typing import Any

from django.utils.http import parse_etags
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.status import HTTP_304_NOT_MODIFIED


def conditional_answer(request: Request, data: Any) -> Response:
    """`data` with an `ETag` of its bytes, or 304 when `If-None-Match` names that.

    The answer is the person's own: caches ask again every time.
    """
    digest = hashlib.sha256(JSONRenderer().render(data)).hexdigest()[:32]
    etag = f'"{digest}"'
    headers = {"ETag": etag, "Cache-Control": "private, no-cache"}
    if request.method in {"GET", "HEAD"} and _has(request.headers.get("If-None-Match", ""), etag):
        return Response(status=HTTP_304_NOT_MODIFIED, headers=headers)
    return Response(data, headers=headers)


def _has(header: str, etag: str) -> bool:
    """The weak comparison that RFC 9110 (13.1.2) wants here."""
    known = parse_etags(header)
    return "*" in known or etag in {tag.removeprefix("W/") for tag in known}
