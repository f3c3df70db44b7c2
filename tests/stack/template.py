"""What the academies of the tests begin with, made once: a migrated database and static files.

Making them takes 10 s of a start. Each academy still runs its own `prepare` on the copy, which mends
whatever is not as it should be now.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
KEPT = ROOT / "var" / "test-stack"
# Not its keys: every academy has its own.
_DATABASE = "academy.sqlite3"
_FOLDERS = ("static", "schema")


def template_copy(target, *, settings):
    """The folder of a new academy has a database and static files."""
    source = KEPT / _fingerprint(settings)
    with _one_at_a_time():
        if not source.is_dir():
            _make(source, settings=settings)
    shutil.copy2(source / _DATABASE, target / _DATABASE)
    for name in _FOLDERS:
        shutil.copytree(source / name, target / name)


def _fingerprint(settings):
    """Changes with any migration, the only part that `prepare` does not look at again."""
    digest = hashlib.sha256(settings.encode())
    for path in sorted(ROOT.glob("*/**/migrations/*.py")):
        if ".venv" not in path.parts:
            digest.update(f"{path.relative_to(ROOT)}\0".encode() + path.read_bytes())
    digest.update((ROOT / "requirements.txt").read_bytes())
    return digest.hexdigest()[:16]


def _make(source, *, settings):
    shutil.rmtree(KEPT, ignore_errors=True)
    KEPT.mkdir(parents=True)
    made = Path(tempfile.mkdtemp(dir=KEPT))
    own = {k: v for k, v in os.environ.items() if not k.startswith("ACADEMY_")}
    environment = {"ACADEMY_VAR_DIR": str(made), "ACADEMY_DEMO": "0"}
    subprocess.run(
        [sys.executable, "manage.py", "prepare", "--verbosity", "0"],
        cwd=ROOT,
        env={**own, **environment, "DJANGO_SETTINGS_MODULE": settings},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        check=True,
    )
    made.rename(source)


@contextmanager
def _one_at_a_time():
    KEPT.parent.mkdir(parents=True, exist_ok=True)
    with KEPT.with_suffix(".lock").open("w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
