"""Rates as people write them: `100/h`."""

import re
from dataclasses import dataclass
from typing import Final

_PERIOD_SECONDS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_FORM: Final = re.compile(r"([1-9][0-9]{0,8})/([smhd])", re.ASCII)


@dataclass(frozen=True, slots=True)
class Rate:
    """At most `amount` events in any `period_seconds`."""

    amount: int
    period_seconds: int

    def __str__(self) -> str:
        letter = next(k for k, v in _PERIOD_SECONDS.items() if v == self.period_seconds)
        return f"{self.amount}/{letter}"


def parse_rate(text: str) -> Rate:
    """The rate that `N/s|m|h|d` names.

    Raises:
        ValueError: `text` has another form.
    """
    match = _FORM.fullmatch(text)
    if match is None:
        message = "a rate is written N/s, N/m, N/h or N/d"
        raise ValueError(message)
    return Rate(amount=int(match[1]), period_seconds=_PERIOD_SECONDS[match[2]])
