"""The commands that people type, as they type them."""

import os
import re
import signal
import socket
import subprocess
import sys
import threading
import urllib.request
from pathlib import Path

import psutil
import pytest

from tests.stack import eventually

pytestmark = [pytest.mark.stack, pytest.mark.apart, pytest.mark.timeout(240)]
ROOT = Path(__file__).resolve().parents[1]
OPEN = "The academy is open: "


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Command:
    """A command line with a terminal's signals, all of its output, and all that it started."""

    def __init__(self, *argv, **environment):
        kept = {name: os.environ[name] for name in ("HOME", "PATH") if name in os.environ}
        given = {k: v for k, v in os.environ.items() if k.startswith("ACADEMY_")}
        self.process = subprocess.Popen(
            argv,
            cwd=ROOT,
            env={**kept, **given, **environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self.lines = []
        self._changed = threading.Condition()
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self):
        for line in self.process.stdout:
            with self._changed:
                self.lines.append(line)
                self._changed.notify_all()
        with self._changed:
            self._changed.notify_all()

    @property
    def output(self):
        return "".join(self.lines)

    def wait_for(self, text, *, seconds=120):
        with self._changed:
            self._changed.wait_for(
                lambda: text in self.output or self.process.poll() is not None, seconds
            )
        assert text in self.output, self.output

    def family(self):
        return [*psutil.Process(self.process.pid).children(recursive=True)]

    def end(self, number=signal.SIGINT):
        """The exit status after Ctrl-C; what still lives then is killed and returned too."""
        family = self.family() if self.process.poll() is None else []
        if self.process.poll() is None:
            os.killpg(self.process.pid, number)
        try:
            self.process.wait(60)
        finally:
            _, left = psutil.wait_procs(family, timeout=2)
            for process in left:
                process.kill()
            self.process.wait(5)
            self._reader.join(5)
            self.process.stdout.close()
        return left


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    return tmp_path_factory.mktemp("a var é")


@pytest.fixture(scope="module")
def academy(place):
    """The academy of `make run`, on a first start."""
    port = free_port()
    command = Command("make", "run", PORT=str(port), ACADEMY_VAR_DIR=str(place))
    try:
        command.wait_for("Ctrl-C stops everything")
        command.port = port
        yield command
    finally:
        command.end()


@pytest.fixture
def run():
    started = []

    def start(*argv, **environment):
        started.append(Command(*argv, **environment))
        return started[-1]

    yield start
    for command in started:
        command.end()


def test_make_run_prints_the_address_once_the_academy_is_well(academy):
    url = f"http://127.0.0.1:{academy.port}"

    assert f"{OPEN}{url}/" in academy.output
    with urllib.request.urlopen(f"{url}/async-monitoring/health/", timeout=10) as answer:
        assert answer.status == 200


def test_a_generated_password_is_printed_and_kept_for_its_owner_alone(academy, place):
    kept = place / "demo-password"

    assert f"Password: {kept.read_text(encoding='utf-8').strip()} " in academy.output
    assert kept.stat().st_mode & 0o777 == 0o600


def test_three_workers_run_whose_command_lines_name_celery(academy, place):
    notes = place / "run" / str(academy.port)

    for name in ("main", "bulk", "io"):
        pid = int((notes / f"{name}.pid").read_text(encoding="ascii"))
        assert "celery" in " ".join(psutil.Process(pid).cmdline())


def test_a_taken_port_is_refused_with_its_holder_and_a_way_out(academy, run, tmp_path):
    second = run("make", "run", PORT=str(academy.port), ACADEMY_VAR_DIR=str(tmp_path))

    assert second.process.wait(60) != 0
    second.wait_for(f"Port {academy.port} is taken by process ")


def test_a_setting_that_nobody_knows_stops_make_run_with_its_name(run, tmp_path):
    command = run("make", "run", ACADEMY_VAR_DIR=str(tmp_path), ACADEMY_RATE_ANONYMOUS="hunter2")

    assert command.process.wait(60) != 0
    command.wait_for("Unknown setting ACADEMY_RATE_ANONYMOUS")
    assert "hunter2" not in command.output
    assert "Traceback" not in command.output


def test_a_worker_typed_by_hand_takes_every_lane(academy, run, place):
    environment = {"ACADEMY_VAR_DIR": str(place), "PYTHONUNBUFFERED": "1"}
    celery = (sys.executable, "-m", "celery", "-A", "academy")

    worker = run(*celery, "worker", "-l", "info", "-c", "1", "-n", "hand@%h", **environment)
    worker.wait_for("ready.")

    lanes = set(re.findall(r"\.> (\w+) +exchange=", worker.output))
    assert lanes == {"interactive", "default", "bulk", "maintenance", "io"}
    assert worker.end(signal.SIGTERM) == []


def test_ctrl_c_stops_all_that_was_started_and_a_given_password_is_never_printed(run, tmp_path):
    command = run(
        "make",
        "run",
        PORT=str(free_port()),
        ACADEMY_VAR_DIR=str(tmp_path),
        ACADEMY_DEMO_PASSWORD="correct horse battery",
    )
    command.wait_for("Ctrl-C stops everything")
    assert "the one in ACADEMY_DEMO_PASSWORD" in command.output
    # A worker says that it is there a moment before its pool has a process.
    eventually(lambda: len(command.family()) >= 10, seconds=20)

    left = command.end()

    assert left == []
    assert not (tmp_path / "demo-password").exists()
    assert "correct horse" not in command.output
    assert "Traceback" not in command.output
    assert list((tmp_path / "run").glob("*.url")) == []
