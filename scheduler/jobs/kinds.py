"""What governs a kind of job, declared once beside its task."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from scheduler.jobs.errors import UnknownKindError

MIB: Final = 1024 * 1024
Lane = Literal["interactive", "default", "bulk", "maintenance", "io"]
LANES: Final[tuple[Lane, ...]] = ("interactive", "default", "bulk", "maintenance", "io")
# The lane that runs on threads: there a run cannot be ended from outside.
THREAD_LANES: Final = frozenset({"io"})


@dataclass(frozen=True, slots=True)
class JobKind:
    """A kind of job and its limits.

    `priority` is 0 (first) to 9. `max_attempts` counts transient failures, not crashes.
    `cancellable` False: nobody may cancel it. `label` is what people read. `every_seconds`: beat
    asks for it once in each such period. `resubmit` asks for the work of an ended job once more, as
    `resubmit(params=, person_id=, retry_of=)`, and returns the `Submission`; it may refuse. Without
    it the same job is asked for again.
    """

    name: str
    lane: Lane
    label: str
    soft_time_limit_seconds: float
    hard_time_limit_seconds: float
    max_attempts: int = 3
    priority: int = 0
    memory_limit_bytes: int | None = None
    cancellable: bool = True
    every_seconds: float | None = None
    resubmit: Callable[..., Any] | None = field(repr=False, default=None)
    run: Callable[..., Any] = field(repr=False, default=lambda: None)

    @property
    def on_threads(self) -> bool:
        """Whether it runs in the thread lane."""
        return self.lane in THREAD_LANES


_kinds: dict[str, JobKind] = {}


def register(kind: JobKind) -> None:
    """`kind` is known under its name.

    Raises:
        ValueError: another kind has the name, or a limit makes no sense.
    """
    if kind.name in _kinds:
        message = f"two kinds of job are called {kind.name}"
        raise ValueError(message)
    if not 0 < kind.soft_time_limit_seconds < kind.hard_time_limit_seconds:
        message = f"{kind.name}: the soft time limit lies below the hard one"
        raise ValueError(message)
    if kind.lane not in LANES or not 0 <= kind.priority <= 9 or kind.max_attempts < 1:
        message = f"{kind.name}: no such lane, priority or number of attempts"
        raise ValueError(message)
    _kinds[kind.name] = kind


def forget(name: str) -> None:
    """The kind is no longer known; for tests that declare their own."""
    _kinds.pop(name, None)


def kind_named(name: str) -> JobKind:
    """The kind of that name.

    Raises:
        UnknownKindError: there is none.
    """
    try:
        return _kinds[name]
    except KeyError:
        raise UnknownKindError(f"no kind of job is called “{name}”") from None


def kind_known(name: str) -> JobKind | None:
    """The kind of that name, if this version of the academy has it."""
    return _kinds.get(name)


def kinds() -> tuple[JobKind, ...]:
    """All kinds, by name."""
    return tuple(sorted(_kinds.values(), key=lambda kind: kind.name))
