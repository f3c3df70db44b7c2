"""Real progress of WeasyPrint, from its own progress log and from the elements it walks."""

import contextvars
import logging
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

from django.utils.translation import gettext_noop

from academy.platform.steps import step_kept

Report = Callable[[float, str], None]

_PAGE: Final = re.compile(r"Page (\d+)")
_STEPS: Final = {"cascade": (0.04, 0.16), "boxes": (0.16, 0.30), "layout": (0.30, 0.88), "write": (0.88, 0.95)}  # fmt: skip
_MOST_WITHOUT_REPORT: Final = 50

_current: contextvars.ContextVar["RenderProgress | None"] = contextvars.ContextVar(
    "render_progress", default=None
)


class RenderProgress:
    """Turns what WeasyPrint does into a fraction that only grows, and stays below 1."""

    def __init__(self, report: Report, *, elements: int, expected_pages: int) -> None:
        self._report = report
        self._elements = max(1, elements)
        self._expected_pages = max(1, expected_pages)
        self._fraction = 0.0
        self._walked = 0
        self._phase = ""

    def at(self, fraction: float, step: str) -> None:
        """The fraction and the step are reported, the fraction never smaller than before."""
        self._fraction = min(0.995, max(self._fraction, fraction))
        self._report(self._fraction, step)

    def walked(self, phase: str, step: str) -> None:
        """One more element of this phase is done; reported every fiftieth time.

        WeasyPrint walks over elements in later phases as well: then nothing is reported.
        """
        if phase != self._phase:
            return
        self._walked += 1
        if self._walked % _MOST_WITHOUT_REPORT == 0:
            start, end = _STEPS[phase]
            self.at(start + (end - start) * min(1.0, self._walked / self._elements), step)

    def begin(self, phase: str, step: str) -> None:
        """The phase begins; its elements are counted from none."""
        self._phase, self._walked = phase, 0
        self.at(_STEPS[phase][0], step)

    def laid_out(self, page: int) -> None:
        """This page is being laid out; beyond the expected number the rest is approached slowly."""
        self._phase = "layout"
        start, end = _STEPS["layout"]
        if page <= self._expected_pages:
            share = 0.9 * page / self._expected_pages
        else:
            share = 1 - 0.1 * self._expected_pages / page
        step = step_kept(gettext_noop("Laying out page %(page)d"), page=page)
        self.at(start + (end - start) * share, step)

    def painted(self, page: int, pages: int) -> None:
        """So many pages of the file are written."""
        start, end = _STEPS["write"]
        sentence = gettext_noop("Writing page %(page)d of %(pages)d")
        step = step_kept(sentence, page=page, pages=pages)
        self.at(start + (end - start) * page / max(1, pages), step)


class _ProgressHandler(logging.Handler):
    """Hands WeasyPrint's progress log to the rendering of this thread; what it raises goes through."""

    def emit(self, record: logging.LogRecord) -> None:
        """The step that the record announces is reported."""
        progress = _current.get()
        message = record.getMessage()
        if progress is None:
            return
        if message.startswith("Step 3"):
            progress.begin("cascade", gettext_noop("Applying styles"))
        elif message.startswith("Step 4"):
            progress.begin("boxes", gettext_noop("Building the page flow"))
        elif message.startswith("Step 5"):
            match = _PAGE.search(message)
            if match:
                progress.laid_out(int(match.group(1)))
        elif message.startswith("Step 6"):
            progress.begin("write", gettext_noop("Writing the file"))
        elif message.startswith("Step 7"):
            progress.at(0.95, gettext_noop("Embedding the fonts"))


def _listen() -> None:
    logger = logging.getLogger("weasyprint.progress")
    logger.setLevel(logging.INFO)
    logger.propagate = False
    logger.addHandler(_ProgressHandler())


@contextmanager
def reporting(progress: RenderProgress) -> Iterator[None]:
    """WeasyPrint's steps in this context are reported to `progress`."""
    token = _current.set(progress)
    try:
        yield
    finally:
        _current.reset(token)


class WatchedStyles:
    """WeasyPrint's style lookup, which counts how many elements became boxes."""

    def __init__(self, style_for: Any, progress: RenderProgress) -> None:
        self._style_for = style_for
        self._progress = progress
        self._seen: set[int] = set()

    def __call__(self, element: Any, pseudo_type: str | None = None) -> Any:
        """The style of the element, as WeasyPrint asks for it."""
        if pseudo_type is None and id(element) not in self._seen:
            self._seen.add(id(element))
            self._progress.walked("boxes", gettext_noop("Building the page flow"))
        return self._style_for(element, pseudo_type)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._style_for, name)


_listen()
