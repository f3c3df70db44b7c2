"""What draws documents, in one hash; nothing of it is loaded for that."""

import functools
import hashlib
import json
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final

from django.conf import settings

from academy.platform import documents
from academy.platform.documents.fonts import installed_fonts

_LIBRARIES: Final = (
    "latex2mathml",
    "lxml",
    "markdown-it-py",
    "mathml-to-omml",
    "mdit-py-plugins",
    "nh3",
    "pillow",
    "pydyf",
    "pygments",
    "python-docx",
    "resvg-py",
    "weasyprint",
    "ziamath",
)
# Debian's names of shared objects end in their version.
_NATIVE: Final = ("libpango-1.0.so.*.*", "libharfbuzz.so.*.*", "libharfbuzz-subset.so.*.*")


@functools.cache
def engine_fingerprint() -> str:
    """SHA-256 over the renderer's own files and words, its libraries' versions and the fonts.

    Read once in a process, in some 50 ms: a web process must not load a layout engine to know
    whether a document is fresh.
    """
    parts = [
        [(name, _version(name)) for name in _LIBRARIES],
        list(_own_files(Path(documents.__path__[0]))),
        [list(_own_files(Path(folder), "*.mo")) for folder in settings.LOCALE_PATHS],
        sorted(path.name for name in _NATIVE for path in Path("/usr/lib").glob(f"*/{name}")),
        installed_fonts(),
    ]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def _version(library: str) -> str:
    try:
        return version(library)
    except PackageNotFoundError:
        return ""


def _own_files(folder: Path, pattern: str = "*") -> Iterator[tuple[str, str]]:
    for path in sorted(folder.rglob(pattern)):
        name = path.relative_to(folder)
        if path.is_file() and not {"tests", "__pycache__"} & set(name.parts):
            yield name.as_posix(), hashlib.sha256(path.read_bytes()).hexdigest()
