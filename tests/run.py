"""`make test` and its parts: what runs, in which order, and the totals."""

import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from xml.etree import ElementTree

from academy.supervisor.lineage import die_with_parent
from tests.postgres import private_cluster

ROOT = Path(__file__).resolve().parents[1]
# Not "test-results": pytest-playwright empties that folder.
RESULTS = ROOT / "var" / "test-reports"
PYTHON = sys.executable
CODE = ("academy", "learning", "exports", "notifications", "scheduler")
LINTS = {
    "format": (PYTHON, "-m", "ruff", "format", "--check", "."),
    "lint": (PYTHON, "-m", "ruff", "check", "."),
    "templates": (PYTHON, "-m", "djlint", "--lint", "--check", "--quiet", *CODE),
    "contracts": (f"{Path(PYTHON).parent}/lint-imports",),
    "migrations": (PYTHON, "manage.py", "makemigrations", "--check", "--dry-run"),
    "system checks": (PYTHON, "manage.py", "check"),
}
TYPES = {"types": (PYTHON, "-m", "mypy", *CODE, "benchmarks", "manage.py")}
REAL = "stack or faults or browser"
APART = "faults or apart"
IN_PAIRS = ("-n", "2", "--dist", "loadfile")
NOTHING_COLLECTED = 5


@dataclass(frozen=True)
class Totals:
    passed: int = 0
    failed: int = 0
    skipped: int = 0

    def __add__(self, other):
        return Totals(
            self.passed + other.passed, self.failed + other.failed, self.skipped + other.skipped
        )

    def __str__(self):
        return f"{self.passed} passed, {self.failed} failed"


def step(name, command, **environment):
    """The command's exit status; what it prints stays on the terminal.

    Compiled modules are kept, whatever the machine likes: collecting takes 20 s without, and 8 with.
    """
    print(f"\n== {name}", flush=True)
    started = time.monotonic()
    status = subprocess.run(
        command,
        cwd=ROOT,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "", **environment},
        stdin=subprocess.DEVNULL,
        check=False,
        preexec_fn=partial(die_with_parent, signal.SIGTERM),
    ).returncode
    word = "ok" if status in {0, NOTHING_COLLECTED} else f"FAILED ({status})"
    print(f"== {name}: {word}, {time.monotonic() - started:.0f} s", flush=True)
    return status


def check(steps):
    return [name for name, command in steps.items() if step(name, command)]


def tests(label, *arguments, **environment):
    """The names of what failed: first what needs no servers, then what only uses them.

    What breaks academies comes last, in pairs: mostly they wait, for leases and for each other.
    """
    RESULTS.mkdir(parents=True, exist_ok=True)
    phases = {
        f"{label}-unit": (*IN_PAIRS, "-m", f"not ({REAL})"),
        f"{label}-real": (*IN_PAIRS, "-m", f"({REAL}) and not ({APART})"),
        f"{label}-apart": (*IN_PAIRS, "-m", APART),
    }
    failed = []
    for name, selection in phases.items():
        report = RESULTS / f"{name}.xml"
        report.unlink(missing_ok=True)
        command = (PYTHON, "-m", "pytest", "-q", f"--junitxml={report}", *selection, *arguments)
        if step(name, command, **environment) not in {0, NOTHING_COLLECTED}:
            failed.append(name)
    return failed


def totals(*labels):
    found = Totals()
    for label in labels:
        for report in sorted(RESULTS.glob(f"{label}-*.xml")):
            for suite in ElementTree.parse(report).iter("testsuite"):
                counts = {
                    k: int(suite.get(k, 0)) for k in ("tests", "failures", "errors", "skipped")
                }
                bad = counts["failures"] + counts["errors"]
                good = counts["tests"] - bad - counts["skipped"]
                found += Totals(passed=good, failed=bad, skipped=counts["skipped"])
    return found


def close(failed, *labels):
    if failed:
        print(f"\nNot right: {', '.join(failed)}.")
    found = totals(*labels) if labels else None
    if found is not None:
        print(f"\n{found.skipped} skipped\n{found}" if found.skipped else f"\n{found}")
    return 1 if failed else 0


def everything(*arguments):
    return close(check(LINTS) + check(TYPES) + tests("sqlite", *arguments), "sqlite")


def on_postgres(*arguments):
    with private_cluster() as url:
        return close(tests("postgres", *arguments, ACADEMY_DATABASE_URL=url), "postgres")


def faults(*arguments):
    command = (PYTHON, "-m", "pytest", "-m", "faults", *arguments)
    return step("faults", command, FULL_FAULTS="1")


GOALS = {
    "all": everything,
    "postgres": on_postgres,
    "faults": faults,
    "lint": lambda: close(check(LINTS)),
    "type": lambda: close(check(TYPES)),
    "totals": lambda *labels: close([], *labels),
}


if __name__ == "__main__":
    # So that the PostgreSQL server and its folder go too when a run is ended from outside.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    sys.exit(GOALS[sys.argv[1]](*sys.argv[2:]))
