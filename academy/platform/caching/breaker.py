"""A breaker in memory: what does not answer is left alone for a while."""

import math
import threading
import time
from collections.abc import Callable
from contextlib import suppress


class Breaker:
    """Closed until an error, then open for `open_seconds`, then half open for one trial.

    States: closed -> open -> half open -> closed | open. Without `probe` the one caller that
    `allows()` lets through is the trial, and reports with `succeeded()` or `failed()`. With
    `probe` a thread makes the trial, so that no caller ever waits for it; `probe` raises one of
    `errors` while the other side is still silent.
    """

    def __init__(
        self,
        *,
        open_seconds: float = 2.0,
        probe: Callable[[], object] | None = None,
        errors: tuple[type[BaseException], ...] = (OSError,),
    ) -> None:
        self._open_seconds = open_seconds
        self._probe = probe
        self._errors = errors
        self._lock = threading.Lock()
        self._opened_at: float | None = None
        self._trying = False

    @property
    def is_closed(self) -> bool:
        """True while nothing is known against asking."""
        return self._opened_at is None

    def allows(self) -> bool:
        """True when the other side may be asked now."""
        if self.is_closed:
            return True
        with self._lock:
            # Somebody may have closed it since.
            opened_at = self._opened_at or -math.inf
            if self._trying or time.monotonic() < opened_at + self._open_seconds:
                return False
            self._trying = True
        if self._probe is None:
            return True
        threading.Thread(target=self._try, args=(self._probe,), daemon=True).start()
        return False

    def succeeded(self) -> None:
        """The other side answered: closed."""
        if self._opened_at is not None:
            with self._lock:
                self._opened_at = None
                self._trying = False

    def failed(self) -> None:
        """The other side did not answer: open from now on."""
        with self._lock:
            self._opened_at = time.monotonic()
            self._trying = False

    def _try(self, probe: Callable[[], object]) -> None:
        answered = False
        with suppress(*self._errors):
            probe()
            answered = True
        if answered:
            self.succeeded()
        else:
            self.failed()
