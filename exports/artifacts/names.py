"""Names of downloaded files."""

import re
import unicodedata
from typing import Final
from urllib.parse import quote

_UNSAFE: Final = re.compile(r'[\\/:*?"<>|\s]+')
_NOT_ASCII_SAFE: Final = re.compile(r"[^A-Za-z0-9._-]+")
_MOST_BYTES: Final = 150
# RFC 8187, section 3.2.1: what stands in an extended value as it is.
_ATTRIBUTE_CHARACTERS: Final = "!#$&+-.^_`|~"


def attachment(*, title: str, fallback: str, extension: str) -> str:
    """`Content-Disposition` (RFC 6266) of a download called by `title`, in any script.

    `fallback` names it where the title has nothing that ASCII can say; it is a slug.
    """
    ascii_title = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode()
    plain = _NOT_ASCII_SAFE.sub("-", ascii_title).strip("-._")[:_MOST_BYTES]
    # "C" out of a Japanese title would tell less than the address does.
    if len(plain) * 2 < len(title.strip()):
        plain = fallback
    name = quote(f"{_safe(title) or fallback}.{extension}", safe=_ATTRIBUTE_CHARACTERS)
    return f"attachment; filename=\"{plain or fallback}.{extension}\"; filename*=UTF-8''{name}"


def _safe(title: str) -> str:
    """The title without what file systems or terminals take amiss, cut at a character."""
    kept = "".join(" " if unicodedata.category(c)[0] == "C" else c for c in title)
    name = _UNSAFE.sub(" ", unicodedata.normalize("NFC", kept)).strip(" .-~")
    return name.encode()[:_MOST_BYTES].decode(errors="ignore").strip(" .")
