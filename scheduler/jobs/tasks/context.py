"""What a running job sees of the job mechanism."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from scheduler.jobs.services import Run, job_log
from scheduler.jobs.tasks.watch import Watch


@dataclass(frozen=True, slots=True)
class JobResult:
    """What a job made. `commit` runs inside the transaction that finishes the job."""

    download_url: str | None = None
    file_size: int | None = None
    content_type: str | None = None
    extra: dict[str, Any] = field(default_factory=dict)
    commit: Callable[[], None] | None = None

    def as_json(self) -> dict[str, Any]:
        """The plain values that stand on the job's row."""
        return {
            **self.extra,
            "download_url": self.download_url,
            "file_size": self.file_size,
            "content_type": self.content_type,
        }


class JobContext:
    """Progress, log and checkpoints of one run.

    `report` and `checkpoint` raise when the run must stop (`JobCancelledError`, `JobLostError`,
    `TimeLimitError`): let those pass.
    """

    def __init__(self, *, run: Run, attempt: int, watch: Watch) -> None:
        self._run = run
        self._watch = watch
        self.attempt = attempt

    @property
    def job_id(self) -> uuid.UUID:
        """The job's public id."""
        return self._run.job_id

    def checkpoint(self) -> None:
        """Raises when the run must stop; cheap enough for every page or row."""
        self._watch.checkpoint()

    def report(self, percent: float, step: str) -> None:
        """`percent` (0..100) and `step` are shown to whoever watches, at most twice a second."""
        self._watch.checkpoint()
        self._watch.report(percent=max(0, min(99, int(percent))), step=step)

    def log(self, text: str) -> None:
        """The line can be read with the job; the newest 200 are kept."""
        job_log(run=self._run, attempt=self.attempt, text=text)
