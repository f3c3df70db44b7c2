"""Keys that a checkout makes for itself when none are given."""

import os
import secrets
from pathlib import Path


def kept_secret(path: Path, *, size_bytes: int = 48) -> str:
    """The secret in `path`, made once; two processes that start together agree on one."""
    if not path.is_file():
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_name(f".{path.name}.{os.getpid()}")
        fresh.write_text(secrets.token_urlsafe(size_bytes), encoding="utf-8")
        fresh.chmod(0o600)
        try:
            # A link fails where a rename would silently replace the other process's key.
            path.hardlink_to(fresh)
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    return path.read_text(encoding="utf-8").strip()
