"""Formulas drawn as SVG, as long as they are drawn in time."""

import time
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final

from lxml import etree
from ziamath.nodes.mrow import Mrow
from ziamath.zmath import Latex

from academy.platform.documents.maths import UnreadableTexError, mathml

MAX_SECONDS_A_DOCUMENT: Final = 10.0
MAX_NESTING: Final = 40
MAX_WORK: Final = 12_000
EM_PX: Final = 13.6


@dataclass(frozen=True, slots=True)
class DrawnFormula:
    """An SVG and its measures in em."""

    svg: bytes
    width: float
    height: float
    depth: float


@dataclass(slots=True)
class Drawing:
    """What the formulas of one document may still spend."""

    seconds: float = field(default=MAX_SECONDS_A_DOCUMENT)

    def draw(self, tex: str, *, display: bool) -> DrawnFormula | None:
        """The formula; None where TeX is invalid, or too much is asked."""
        if self.seconds <= 0:
            return None
        started = time.monotonic()
        drawn = _drawn(tex, display=display)
        self.seconds -= time.monotonic() - started
        return drawn


class _MeasuredOnce(Mrow, tag="mrow"):
    """A row that is measured for the row around it does not measure its own parts once more.

    ziamath doubles the work with each group inside a group: twelve scripts take 6 s.
    """

    def _get_height_nostretch(self, line: list[Any], **options: Any) -> tuple[float, float]:
        if options.get("nostretch"):
            return options.get("rowymin", 0.0), options.get("rowymax", 0.0)
        lowest, highest = super()._get_height_nostretch(line, **options)
        return lowest, highest


@lru_cache(maxsize=512)
def _drawn(tex: str, *, display: bool) -> DrawnFormula | None:
    try:
        if _work(etree.fromstring(mathml(tex, display=display))) > MAX_WORK:
            return None
        formula = Latex(tex, size=EM_PX, inline=not display)
        svg = formula.svg()
        width, height = formula.getsize()
        depth = -formula.getyofst()
    except (UnreadableTexError, LookupError, ValueError, TypeError, AttributeError, StopIteration, RecursionError, ArithmeticError, AssertionError, NotImplementedError):  # fmt: skip
        return None
    return DrawnFormula(svg.encode(), width / EM_PX, height / EM_PX, depth / EM_PX)


def _work(root: etree._Element) -> int:
    """How many times something is measured: each symbol once for each group around it."""
    work = depth = 0
    for event, element in etree.iterwalk(root, events=("start", "end")):
        depth += 1 if event == "start" else -1
        if depth > MAX_NESTING:
            return MAX_WORK + 1
        if event == "start" and not len(element):
            work += depth
    return work
