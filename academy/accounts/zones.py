"""Time zones as people choose them: by the names of today."""

import re
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Final
from zoneinfo import TZPATH, available_timezones

UTC: Final = "UTC"
_FIXED: Final = re.compile(r"GMT|Etc/(UTC|GMT([+-][0-9]{1,2})?)")
"""So far from UTC all year, as ships are: browsers say these too."""


@cache
def zones() -> Sequence[str]:
    """UTC and the zones of all countries, without outdated and double names."""
    rows = (line.split("\t") for line in _lines("zone.tab") if not line.startswith("#"))
    of_countries = {row[2] for row in rows if len(row) > 2} & available_timezones()
    return [UTC, *sorted(of_countries or _places())]


def zone_proposed(name: object) -> str:
    """The zone that a browser means, by its name of today; empty where it means none of them.

    Browsers go on saying names such as `Asia/Calcutta`.
    """
    if not isinstance(name, str):
        return ""
    known = name if name in zones() else _names_of_today().get(name, "")
    return known if known in zones() else ""


def is_zone(name: str) -> bool:
    """Whether the page offers the zone, under its name of today or an outdated one.

    So is a fixed distance from UTC. The IANA database has more names, which are files of a
    machine's (`localtime`), not places.
    """
    if _FIXED.fullmatch(name):
        return name in available_timezones()
    return bool(zone_proposed(name))


@cache
def _names_of_today() -> Mapping[str, str]:
    """The outdated names, with the zones that they mean."""
    links = (line.split() for line in _lines("tzdata.zi") if line.startswith("L "))
    return {old: zone for _letter, zone, old in links}


def _places() -> set[str]:
    """What comes near to it where the system has no list of countries."""
    return {zone for zone in available_timezones() if "/" in zone and not zone.startswith("Etc/")}


def _lines(file_name: str) -> Sequence[str]:
    for folder in TZPATH:
        try:
            return Path(folder, file_name).read_text(encoding="utf-8").splitlines()
        except OSError:
            continue
    return []
