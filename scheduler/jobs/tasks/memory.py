"""A run's memory limit, kept by the kernel."""

import contextlib
import resource
from collections.abc import Iterator
from typing import Final

# A run's own watch ends it at the limit; the kernel's stands this much further out, for what
# grows faster than the watch looks. Below it a run could be refused memory that it may have.
_SLACK_BYTES: Final = 128 * 1024 * 1024


def address_space_bytes() -> int:
    """Address space of this process now (`statm`, proc(5))."""
    with open("/proc/self/statm", encoding="ascii") as file:  # noqa: PTH123 - symmetrical to watch
        return int(file.read().split()[0]) * resource.getpagesize()


def limit_lift() -> None:
    """The soft limit is gone; must be the first thing after a `MemoryError`."""
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (hard, hard))


@contextlib.contextmanager
def memory_limit(limit_bytes: int | None) -> Iterator[None]:
    """Inside, the process may grow by about `limit_bytes`; more is a `MemoryError`."""
    if limit_bytes is None:
        yield
        return
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(
        resource.RLIMIT_AS, (address_space_bytes() + limit_bytes + _SLACK_BYTES, hard)
    )
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (hard, hard))
