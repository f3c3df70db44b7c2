"""`manage.py prepare`: everything that a start needs, in one process."""

import fcntl
import hashlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from academy.accounts.demo import demo_accounts_load
from academy.platform.http.schema_view import documents_keep
from learning.courses.services.demo import demo_course_ensure
from learning.lessons.services import renditions_refresh

# Compressing what no page asks for took half a minute of a first start.
_UNUSED: Final = ["*.map", "redoc", "rest_framework"]


class Command(BaseCommand):
    help = "Migrate, collect static files when they changed, load the demo when it is missing."
    # A start does not wait for them: `make test` runs them.
    requires_system_checks = ()

    def handle(self, *_args: Any, **options: Any) -> None:
        with _one_at_a_time(settings.VAR_DIR / "prepare.lock"):
            self._migrate(verbosity=options["verbosity"])
            self._collect_static()
            documents_keep()
            # Lessons that an older renderer rendered are rendered anew, by jobs.
            renditions_refresh()
            if settings.DEMO:
                self._load_demo()

    def _migrate(self, *, verbosity: int) -> None:
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            self.stdout.write("Migrating the database.")
            call_command("migrate", interactive=False, verbosity=verbosity - 1)

    def _collect_static(self) -> None:
        stamp = Path(settings.STATIC_ROOT) / ".collected"
        wanted = _digest_of_static_files()
        if stamp.is_file() and stamp.read_text(encoding="ascii") == wanted:
            return
        self.stdout.write("Collecting static files.")
        call_command(
            "collectstatic", interactive=False, verbosity=0, clear=True, ignore_patterns=_UNUSED
        )
        _write_whole(stamp, wanted)

    def _load_demo(self) -> None:
        demo_accounts_load()
        if demo_course_ensure() is not None:
            self.stdout.write("Loaded the demo course.")


def _digest_of_static_files() -> str:
    """Changes when a static file comes, goes, or is written."""
    digest = hashlib.sha256(settings.STATIC_URL.encode())
    for finder in get_finders():
        for name, storage in finder.list(_UNUSED):
            found = Path(storage.path(name)).stat()
            digest.update(f"{name}\0{found.st_size}\0{found.st_mtime_ns}\0".encode())
    return digest.hexdigest()


def _write_whole(path: Path, text: str) -> None:
    descriptor, name = tempfile.mkstemp(dir=path.parent)
    with os.fdopen(descriptor, "w", encoding="ascii") as fresh:
        fresh.write(text)
    Path(name).replace(path)


@contextmanager
def _one_at_a_time(path: Path) -> Iterator[None]:
    with path.open("w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
