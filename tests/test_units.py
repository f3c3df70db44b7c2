"""The systemd units: valid, hardened, and as the running academy needs them."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

UNITS = Path(__file__).resolve().parents[1] / "deploy" / "systemd"
SERVICES = sorted(UNITS.glob("*.service"))
NETWORKED = {"academy-worker-io.service"}
WORST_EXPOSURE = 15  # tenths: 1.5

needs_systemd = pytest.mark.skipif(
    shutil.which("systemd-analyze") is None, reason="this machine has no systemd-analyze"
)


def settings_of(path):
    text = re.sub(r"\\\n\s*", "", path.read_text(encoding="utf-8"))
    return [tuple(line.split("=", 1)) for line in text.splitlines() if re.match(r"[A-Z]\w+=", line)]


def test_there_is_a_unit_for_web_each_worker_beat_and_both_servers():
    assert {path.stem.removeprefix("academy-") for path in SERVICES} == {
        *("web", "worker-main", "worker-bulk", "worker-io", "beat", "queue", "cache")
    }


@needs_systemd
def test_systemd_finds_nothing_wrong_with_them(tmp_path):
    """On copies whose programs and accounts exist here: it insists on those."""
    for path in UNITS.iterdir():
        text = path.read_text(encoding="utf-8")
        text = re.sub(r"^(Exec\w+=)\S+", r"\1/bin/true", text, flags=re.MULTILINE)
        text = text.replace("WorkingDirectory=/opt/academy", "WorkingDirectory=/")
        (tmp_path / path.name).write_text(text, encoding="utf-8")

    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *(str(p) for p in sorted(tmp_path.iterdir()))],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    ours = [line for line in done.stderr.splitlines() if "academy" in line]
    assert (ours, done.returncode) == ([], 0)


@needs_systemd
@pytest.mark.parametrize("path", SERVICES, ids=lambda path: path.stem)
def test_its_exposure_is_small(path):
    done = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", f"--threshold={WORST_EXPOSURE}", path],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert done.returncode == 0, done.stdout[-400:] + done.stderr


@pytest.mark.parametrize("path", SERVICES, ids=lambda path: path.stem)
def test_it_restarts_for_ever_and_lets_its_children_finish(path):
    settings = settings_of(path)

    assert ("Restart", "always") in settings
    assert ("StartLimitIntervalSec", "0") in settings
    assert ("KillMode", "mixed") in settings
    assert {"MemoryHigh", "MemoryMax"} <= {name for name, _ in settings}


@pytest.mark.parametrize("path", SERVICES, ids=lambda path: path.stem)
def test_only_the_io_worker_reaches_the_network(path):
    families = [value for name, value in settings_of(path) if name == "RestrictAddressFamilies"]

    assert (families == ["AF_UNIX"]) is (path.name not in NETWORKED)


def test_what_all_may_use_together_fits_two_gigabytes():
    soft = [
        int(value.removesuffix("M"))
        for path in SERVICES
        for name, value in settings_of(path)
        if name == "MemoryHigh"
    ]
    whole = dict(settings_of(UNITS / "academy.slice"))

    assert int(whole["MemoryMax"].removesuffix("M")) <= 1800
    assert max(soft) <= 700
    assert all(("Slice", "academy.slice") in settings_of(path) for path in SERVICES)
