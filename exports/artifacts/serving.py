"""Sending a file: whole or in part, once it is decided that the person may have it."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import BinaryIO, Final, Self

from django.conf import settings
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils.cache import get_conditional_response
from django.utils.http import http_date

from exports.artifacts.models import Artifact
from exports.artifacts.ranges import Part, RangeError, requested_part
from exports.artifacts.selectors import artifact_store

_BLOCK_BYTES: Final = 64 * 1024


class PartStream:
    """Blocks of an open file; unlinking it meanwhile does no harm."""

    def __init__(self, file: BinaryIO, part: Part) -> None:
        self._file = file
        self._left = part.size
        file.seek(part.first)

    def read(self) -> bytes:
        """The next block; empty at the end."""
        block = self._file.read(min(_BLOCK_BYTES, self._left))
        self._left -= len(block)
        return block

    def close(self) -> None:
        """Called by the response, also when the client went away."""
        self._file.close()


class SyncPartStream(PartStream):
    """For WSGI."""

    def __iter__(self) -> Iterator[bytes]:
        while block := self.read():
            yield block


class AsyncPartStream(PartStream):
    """For ASGI, where a plain iterator would be read into memory whole."""

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        # On the loop's own pool of threads: a cold disk holds up nobody else.
        block = await asyncio.get_running_loop().run_in_executor(None, self.read)
        if not block:
            raise StopAsyncIteration
        return block


def artifact_answer(
    request: HttpRequest, artifact: Artifact, *, disposition: str
) -> HttpResponseBase:
    """The answer to GET or HEAD for the artifact's bytes (RFC 9110, sections 8.8, 13 and 14).

    Raises:
        FileNotFoundError: the file is not on the disk.
    """
    path = artifact_store().path(artifact.digest)
    size = path.stat().st_size
    headers = _headers(artifact, disposition=disposition)
    last_modified = int(artifact.created_at.timestamp())
    whole = HttpResponse(headers=headers)
    decided = get_conditional_response(
        request, etag=headers["ETag"], last_modified=last_modified, response=whole
    )
    if decided is not None and decided is not whole:
        return decided
    if settings.ACCEL_REDIRECT:
        return HttpResponse(headers={**headers, "X-Accel-Redirect": _internal_address(artifact)})
    try:
        part = _part(request, headers, size=size)
    except RangeError:
        headers["Content-Range"] = f"bytes */{size}"
        del headers["Content-Disposition"]
        return HttpResponse(status=416, headers=headers)
    return _sent(request, path, part, headers=headers, size=size)


def _headers(artifact: Artifact, *, disposition: str) -> dict[str, str]:
    return {
        "Content-Type": artifact.content_type,
        "Content-Disposition": disposition,
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "sandbox; default-src 'none'",
        # Asked again each time: the permission may have ended.
        "Cache-Control": "private, no-cache",
        "Vary": "Authorization, Cookie",
        "Accept-Ranges": "bytes",
        "ETag": f'"{artifact.digest}"',
        "Last-Modified": http_date(int(artifact.created_at.timestamp())),
    }


def _part(request: HttpRequest, headers: dict[str, str], *, size: int) -> Part | None:
    wanted = request.headers.get("Range")
    if wanted is None or request.method != "GET":
        return None
    known = request.headers.get("If-Range")
    # Section 13.1.5: the strong comparison of a tag, or exactly the date that we sent.
    if known is not None and known.strip() not in {headers["ETag"], headers["Last-Modified"]}:
        return None
    return requested_part(wanted, size=size)


def _sent(
    request: HttpRequest, path: Path, part: Part | None, *, headers: dict[str, str], size: int
) -> HttpResponseBase:
    status = 200
    if part is not None:
        status = 206
        headers["Content-Range"] = f"bytes {part.first}-{part.last}/{size}"
    else:
        part = Part(first=0, last=size - 1)
    headers["Content-Length"] = str(part.size)
    if request.method == "HEAD":
        return HttpResponse(status=status, headers=headers)
    stream = AsyncPartStream if isinstance(request, ASGIRequest) else SyncPartStream
    content: AsyncIterator[bytes] | Iterator[bytes] = stream(path.open("rb"), part)  # type: ignore[assignment]
    return StreamingHttpResponse(content, status=status, headers=headers)


def _internal_address(artifact: Artifact) -> str:
    path = artifact_store().path(artifact.digest).relative_to(settings.FILES_DIR)
    return f"{settings.ACCEL_REDIRECT.rstrip('/')}/{path.as_posix()}"
