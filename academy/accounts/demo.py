"""The demo accounts' password, and the accounts themselves."""

import os
import secrets
from contextlib import suppress
from pathlib import Path

from django.conf import settings

from academy.accounts.services import demo_accounts_ensure


def demo_accounts_load() -> list[str]:
    """Learner, instructor and operator exist; returns the names of those that are new.

    `settings.DEMO_PASSWORD` is theirs whenever it is given. Otherwise new ones get the generated
    password that is kept in `demo-password` in the var folder; the others keep their own, unless
    that file is new: nobody knows a password that was printed nowhere.
    """
    if settings.DEMO_PASSWORD:
        return demo_accounts_ensure(password=settings.DEMO_PASSWORD)
    fresh = not password_file().exists()
    generated = generated_password()
    return demo_accounts_ensure(password=generated if fresh else None, first_password=generated)


def generated_password() -> str:
    """The password in `demo-password`, made the first time; only its owner can read the file."""
    path = password_file()
    # Whoever comes second, or later, takes what the first one wrote.
    with suppress(FileExistsError):
        descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(12) + "\n")
    return path.read_text(encoding="ascii").strip()


def password_file() -> Path:
    """Where a generated password is kept."""
    folder: Path = settings.VAR_DIR
    return folder / "demo-password"
