"""A PostgreSQL server of our own: Debian's programs, a temporary folder, a unix socket."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from academy.supervisor.lineage import die_with_parent

SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "max_connections": "200",
    "shared_buffers": "64MB",
    "timezone": "UTC",
}
READY_SECONDS = 30


def programs():
    """The folder of the newest PostgreSQL programs of this machine."""
    found = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3])
    )
    on_path = shutil.which("initdb")
    if not found and not on_path:
        message = "PostgreSQL is missing. On Debian: apt-get install postgresql"
        raise SystemExit(message)
    return found[-1].parent if found else Path(on_path).resolve().parent


@contextmanager
def private_cluster():
    """The `postgres://` address of a fresh, empty cluster, which ends with the block."""
    folder = Path(tempfile.mkdtemp(prefix="academy-postgres-", dir="/tmp"))
    try:
        identity = _identity(folder)
        _run("initdb", "-D", folder / "data", "-U", "academy", *_INITDB, **identity)
        server = _start(folder, identity)
        try:
            _wait(server, folder)
            _run("createdb", "-h", folder, "-U", "academy", "academy", **identity)
            yield f"postgres://academy@/academy?host={folder}"
        finally:
            server.send_signal(signal.SIGINT)  # "fast": clients are disconnected
            try:
                server.wait(20)
            except subprocess.TimeoutExpired:
                server.send_signal(signal.SIGQUIT)
                server.wait()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


_INITDB = ("-A", "trust", "-E", "UTF8", "--locale", "C.UTF-8", "--no-sync", "--no-instructions")


def _identity(folder):
    """PostgreSQL refuses root, so root lends it to Debian's `postgres`, or to nobody."""
    if os.geteuid() != 0:
        return {}
    names = {entry.pw_name for entry in pwd.getpwall()}
    person = pwd.getpwnam("postgres" if "postgres" in names else "nobody")
    os.chown(folder, person.pw_uid, person.pw_gid)
    return {"user": person.pw_uid, "group": person.pw_gid, "extra_groups": []}


def _run(program, *arguments, **identity):
    command = [str(programs() / program), *map(str, arguments)]
    done = subprocess.run(
        command,
        check=False,
        cwd="/",
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        **identity,
    )
    if done.returncode:
        message = f"{program} failed:\n{done.stdout}{done.stderr}"
        raise SystemExit(message)


def _start(folder, identity):
    options = [part for name, value in SETTINGS.items() for part in ("-c", f"{name}={value}")]
    with (folder / "log").open("wb") as log:
        return subprocess.Popen(
            [str(programs() / "postgres"), "-D", folder / "data", "-k", folder, *options],
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            process_group=0,
            preexec_fn=partial(die_with_parent, signal.SIGQUIT),
            **identity,
        )


def _wait(server, folder):
    deadline = time.monotonic() + READY_SECONDS
    probe = [str(programs() / "pg_isready"), "-q", "-h", folder, "-U", "academy"]
    while subprocess.run(probe, check=False).returncode:
        if server.poll() is not None or time.monotonic() > deadline:
            raise SystemExit("PostgreSQL does not start:\n" + (folder / "log").read_text())
        time.sleep(0.1)
