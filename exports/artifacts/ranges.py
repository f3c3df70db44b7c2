"""Parts of a file (RFC 9110, section 14)."""

import re
from dataclasses import dataclass
from typing import Final

from academy.platform.errors import AcademyError

# One range only: more than one is answered with the whole file, as section 14.2 allows.
# No file has a size of more than 18 digits, and Python does not read numbers of thousands.
_SINGLE: Final = re.compile(r"\s*bytes=\s*(\d{0,18})-(\d{0,18})\s*", re.ASCII | re.IGNORECASE)


class RangeError(AcademyError):
    """The file ends before the part that was asked for."""

    code = "range_not_satisfiable"
    http_status = 416


@dataclass(frozen=True, slots=True)
class Part:
    """Bytes `first` to `last`, both included."""

    first: int
    last: int

    @property
    def size(self) -> int:
        """How many bytes it has."""
        return self.last - self.first + 1


def requested_part(header: str, *, size: int) -> Part | None:
    """The part of a file of `size` bytes that `Range` names; None: the whole.

    What is malformed, in another unit or more than one range is ignored, as the standard wants.

    Raises:
        RangeError: the range is well-formed and lies outside the file.
    """
    match = _SINGLE.fullmatch(header)
    if match is None or not any(match.groups()):
        return None
    first, last = (int(text) if text else None for text in match.groups())
    if first is None:
        return _suffix(last or 0, size)
    if last is not None and last < first:
        return None
    if first >= size:
        raise RangeError
    return Part(first=first, last=size - 1 if last is None else min(last, size - 1))


def _suffix(length: int, size: int) -> Part:
    if length == 0 or size == 0:
        raise RangeError
    return Part(first=max(0, size - length), last=size - 1)
