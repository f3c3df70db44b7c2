"""A supervisor over small programs of the test's own, in a process of its own."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

pytestmark = pytest.mark.timeout(60)

SCRIPT = """
import sys
from pathlib import Path
from academy.supervisor.child import Program
from academy.supervisor.places import RunFolder
from academy.supervisor.supervisor import Stopping, Supervisor

base = Path(sys.argv[1])
folder = RunFolder(base_dir=base, var_dir=base, port=8000)
folder.claim()
supervisor = Supervisor(folder=folder)
PROGRAMS = {
    "steady": "import time; print('up', flush=True); time.sleep(600)",
    "parent": (
        "import subprocess, sys, time;"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)']);"
        "print('child', child.pid, flush=True); time.sleep(600)"
    ),
    "dying": "print('dying', flush=True)",
    "stubborn": (
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
        "print('deaf', flush=True); time.sleep(600)"
    ),
    "loud": "import sys\\nwhile True: sys.stdout.write('x' * 100 + chr(10))",
}
names = sys.argv[2:]
try:
    for name in names:
        supervisor.start(
            Program(name=name, argv=(sys.executable, "-c", PROGRAMS[name]), cwd=base, stop_seconds=1)
        )
    supervisor.say("started")
    while True:
        supervisor.turn(seconds=0.2)
except Stopping:
    supervisor.stop(names)
    folder.release()
    supervisor.say("stopped")
"""


class Running:
    def __init__(self, base, *names):
        self.base = base
        self.unread = []
        self.process = subprocess.Popen(
            [sys.executable, "-u", "-c", SCRIPT, str(base), *names],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def wait_for(self, text):
        """The first line with `text` that was not asked for before."""
        for number, line in enumerate(self.unread):
            if text in line:
                return self.unread.pop(number)
        for line in self.process.stdout:
            if text in line:
                return line
            self.unread.append(line)
        raise AssertionError(text)

    def pid(self, name):
        path = self.base / "run" / "8000" / f"{name}.pid"
        wait_until(path.exists)
        return int(path.read_text(encoding="utf-8"))

    def end(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.communicate()


@pytest.fixture
def run(tmp_path):
    running = []

    def start(*names):
        running.append(Running(tmp_path, *names))
        return running[-1]

    yield start
    for each in running:
        each.end()


def wait_until(holds, *, seconds=10):
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def is_gone(pid):
    """No such process, or only its name in the table of who has not been asked after."""
    try:
        return (
            Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rsplit(")")[1].split()[0] == "Z"
        )
    except (FileNotFoundError, ProcessLookupError):
        return True


def test_lines_carry_the_name_of_who_wrote_them(run):
    assert run("steady").wait_for("up") == "steady  | up\n"


def test_what_dies_starts_again_and_each_time_a_little_later(run):
    supervisor = run("dying")

    waits = [float(supervisor.wait_for("starts again").split()[-2]) for _ in range(3)]

    assert waits == pytest.approx([0.5, 1.0, 2.0], abs=0.1)


def test_a_killed_child_is_replaced_by_another(run):
    supervisor = run("steady")
    supervisor.wait_for("up")
    first = supervisor.pid("steady")
    os.kill(first, signal.SIGKILL)

    supervisor.wait_for("ended (SIGKILL)")
    supervisor.wait_for("up")

    assert supervisor.pid("steady") != first


def test_a_killed_child_takes_its_own_children_along(run):
    supervisor = run("parent")
    grandchild = int(supervisor.wait_for("child").split()[-1])

    os.kill(supervisor.pid("parent"), signal.SIGKILL)

    wait_until(lambda: is_gone(grandchild))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_stops_everything_that_was_started(run, number):
    supervisor = run("parent", "steady")
    grandchild = int(supervisor.wait_for("child").split()[-1])
    supervisor.wait_for("up")
    pids = [supervisor.pid("parent"), supervisor.pid("steady"), grandchild]

    supervisor.process.send_signal(number)
    supervisor.wait_for("stopped")

    wait_until(lambda: all(is_gone(pid) for pid in pids))
    assert not (supervisor.base / "run" / "8000").exists()


def test_a_killed_supervisor_leaves_no_child_behind(run):
    supervisor = run("steady", "stubborn")
    supervisor.wait_for("deaf")
    pids = [supervisor.pid("steady"), supervisor.pid("stubborn")]

    supervisor.process.kill()

    wait_until(lambda: all(is_gone(pid) for pid in pids))


def test_whoever_does_not_listen_is_killed_after_its_time(run):
    supervisor = run("stubborn")
    supervisor.wait_for("deaf")
    pid = supervisor.pid("stubborn")

    started = time.monotonic()
    supervisor.process.terminate()
    supervisor.wait_for("stopped")

    wait_until(lambda: is_gone(pid))
    assert 0.9 < time.monotonic() - started < 5


def test_a_terminal_that_nobody_reads_does_not_keep_it_from_stopping(run):
    supervisor = run("loud")
    pid = supervisor.pid("loud")
    time.sleep(1)  # by then the pipe to us is full

    supervisor.process.terminate()

    # Nothing of it is read meanwhile.
    assert supervisor.process.wait(timeout=15) == 0
    wait_until(lambda: is_gone(pid))
