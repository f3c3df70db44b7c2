import os
import socket
import subprocess
import sys

import pytest

from academy.environment.paths import socket_dir
from academy.supervisor.places import RunFolder
from academy.supervisor.ports import parse_port, require_free

CLAIM = """
import sys
from pathlib import Path
from academy.supervisor.places import RunFolder
base, port, address = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
folder = RunFolder(base_dir=base, var_dir=base / "var", port=port)
folder.claim()
folder.note_address("queue", address)
print("claimed", flush=True)
sys.stdin.read()
folder.release()
"""


@pytest.fixture
def claim(tmp_path):
    """Starts another process that claims a run folder, and ends it when told."""
    running = []

    def start(port, address="unix:///other"):
        process = subprocess.Popen(
            [sys.executable, "-c", CLAIM, str(tmp_path), str(port), address],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        running.append(process)
        return process, process.stdout.readline().strip()

    yield start
    for process in running:
        process.communicate()


def note(tmp_path):
    path = tmp_path / "var" / "run" / "queue.url"
    return path.read_text(encoding="utf-8").strip() if path.exists() else None


def test_one_port_of_one_checkout_belongs_to_one_run(claim):
    claim(8000)

    _, said = claim(8000)

    assert said == "Another `make run` of this checkout uses port 8000 already."


def test_a_shell_finds_the_run_that_started_last_and_then_the_one_that_still_lives(claim, tmp_path):
    first, _ = claim(8000, "unix:///first")
    second, _ = claim(8001, "unix:///second")
    seen = [note(tmp_path)]
    second.communicate()
    seen.append(note(tmp_path))
    first.communicate()

    assert [*seen, note(tmp_path)] == ["unix:///second", "unix:///first", None]


def test_a_run_that_was_killed_is_no_obstacle_to_the_next(claim):
    process, _ = claim(8000)
    process.kill()
    process.communicate()

    _, said = claim(8000)

    assert said == "claimed"


def test_sockets_lie_in_a_folder_that_nobody_else_can_enter(tmp_path):
    folder = RunFolder(base_dir=tmp_path, var_dir=tmp_path, port=8000)
    folder.sockets.mkdir(mode=0o755)

    folder.claim()

    assert folder.sockets.stat().st_mode & 0o777 == 0o700
    folder.release()
    assert not folder.sockets.exists()


def test_a_folder_of_sockets_that_is_somebody_elses_is_refused(tmp_path):
    path = socket_dir(base_dir=tmp_path, port=8000)
    path.symlink_to(tmp_path)
    try:
        with pytest.raises(SystemExit, match="belongs to somebody else"):
            RunFolder(base_dir=tmp_path, var_dir=tmp_path, port=8000).claim()
    finally:
        path.unlink()


@pytest.mark.parametrize("text", ["0", "65536", "-1", "http", "80 80", "٨٠٨٠", ""])
def test_a_port_that_is_none_is_refused(text):
    with pytest.raises(SystemExit, match=r"^PORT cannot be used"):
        parse_port(text)


def test_a_taken_port_is_refused_with_its_holder_and_a_way_out():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        with pytest.raises(SystemExit) as refused:
            require_free(port)

    assert f"Port {port} is taken by process {os.getpid()} " in str(refused.value)
    assert "make run PORT=" in str(refused.value)


def test_a_port_with_connections_that_linger_is_free():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port)):
            server.accept()[0].close()

    require_free(port)
