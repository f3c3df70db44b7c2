"""Processor time for which other writers wait while a course of 100 lessons of 89 kB changes.

On an SQLite database of its own. Peer: reading the texts of that course once and hashing them, the
least that whoever looks at them does. A new title, address or language costs by lessons, not by
what they say (at most 8 x the peer); a lesson more or less looks into the texts.
"""

import os
import random
import string
import sys
import tempfile
from importlib import import_module
from typing import Final

import django
from django.core.management import call_command

from benchmarks.machine import machine

LESSONS: Final = 100
CHARACTERS: Final = 89_000
ROUNDS: Final = 7
MOST: Final = 8.0
_HIDING: Final = ("%20", "&amp;", "\\_", "100%", "größe", "日本")


def text(number: int) -> str:
    """A lesson's text, with links, pictures and what hides names in them; ever the same."""
    chance = random.Random(number)
    words = ["".join(chance.choices(string.ascii_lowercase, k=6)) for _ in range(500)]
    said: list[str] = []
    for _ in range(40):
        said += chance.choices([*words, *_HIDING], k=500)
        said.append(f"\n\n![f](f{number % 20}.png) [on](lesson-{number * 7 % LESSONS:03}.md)\n\n")
    return " ".join(said)[:CHARACTERS]


def main() -> int:
    """0 when no change takes too long beside the peer."""
    print(machine())
    with tempfile.TemporaryDirectory(prefix="academy-bench-") as folder:
        os.environ["ACADEMY_VAR_DIR"] = folder
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "academy.settings")
        django.setup()
        call_command("migrate", verbosity=0)
        probe = import_module("tests.probes.course_changes")
        probe.make_course([text(number) for number in range(LESSONS)])
        costs: dict[str, float] = probe.costs(rounds=ROUNDS)
    peer = next(iter(costs.values()))
    for name, took in costs.items():
        print(f"{name:28} {1000 * took:6.0f} ms  {took / peer:5.1f} x the peer")
    return int(max(costs.values()) > MOST * peer)


if __name__ == "__main__":
    sys.exit(main())
