"""Files named by the SHA-256 of their bytes.

Written to a temporary file on the same file system, flushed to the disk, moved into place and
the folder flushed: after `keep` returned, a power cut cannot take the file or leave half of it.
"""

import contextlib
import hashlib
import os
import re
import tempfile
import time
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final, cast

_DIGEST: Final = re.compile(r"[0-9a-f]{64}")
_DRAFTS: Final = "drafts"
_BLOCK_BYTES: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Stored:
    """A kept file: `digest` is the SHA-256 of its bytes in hexadecimal, `size` is in bytes."""

    digest: str
    size: int


class Draft:
    """A file being written; nobody sees it before `keep`."""

    def __init__(self, store: "Store", path: Path, file: BinaryIO) -> None:
        self.file = file
        self._store = store
        self._path = path

    def keep(self) -> Stored:
        """The file is in place under its digest, durably. Keeping the same bytes twice is one file."""
        self.file.flush()
        os.fsync(self.file.fileno())
        digest, size = _digest_of(self._path)
        target = self._store.path(digest)
        target.parent.mkdir(parents=True, exist_ok=True)
        self._path.replace(target)
        # A fresh age: collection by age must not take a file that was just referred to again.
        os.utime(target)
        _flush_folder(target.parent)
        return Stored(digest=digest, size=size)


class Store:
    """A folder of content-addressed files, shared by processes."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def path(self, digest: str) -> Path:
        """Where the file of that digest is or would be.

        Raises:
            ValueError: `digest` is not 64 hexadecimal digits (so it cannot leave the folder).
        """
        if not _DIGEST.fullmatch(digest):
            message = "not a SHA-256 digest"
            raise ValueError(message)
        return self.root / digest[:2] / digest

    def has(self, digest: str) -> bool:
        """Whether the file is there."""
        return self.path(digest).is_file()

    def read(self, digest: str) -> bytes:
        """All bytes of the file.

        Raises:
            FileNotFoundError: there is no such file.
        """
        return self.path(digest).read_bytes()

    @contextlib.contextmanager
    def writing(self) -> Iterator[Draft]:
        """A draft; whatever was not kept is gone at the end."""
        drafts = self.root / _DRAFTS
        drafts.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=drafts)
        path = Path(name)
        try:
            with os.fdopen(handle, "w+b") as file:
                yield Draft(self, path, cast(BinaryIO, file))
        finally:
            path.unlink(missing_ok=True)

    def put(self, data: bytes) -> Stored:
        """The bytes are kept; idempotent."""
        with self.writing() as draft:
            draft.file.write(data)
            return draft.keep()

    def collect(self, *, referenced: Collection[str], older_than_seconds: float) -> int:
        """Files and drafts that nothing refers to and that are old enough are gone; their number.

        The caller reads `referenced` before; the age covers whatever was stored since.
        """
        horizon = time.time() - older_than_seconds
        removed = 0
        for path in self.root.glob("*/*"):
            if path.name in referenced:
                continue
            with contextlib.suppress(FileNotFoundError):
                if path.stat().st_mtime < horizon:
                    path.unlink()
                    removed += 1
        return removed


def _digest_of(path: Path) -> tuple[str, int]:
    digest = hashlib.sha256()
    size = 0
    with path.open("rb") as file:
        while block := file.read(_BLOCK_BYTES):
            digest.update(block)
            size += len(block)
    return digest.hexdigest(), size


def _flush_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
