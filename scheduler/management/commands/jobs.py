"""Jobs from the shell: `workers`, `active`, `kinds`, `show`, `retry`, `cancel`."""

import uuid
from argparse import ArgumentParser
from collections.abc import Sequence
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db.models.functions import Now

from academy.platform.errors import AcademyError
from academy.platform.queueing import hints
from academy.platform.realtime import publishing
from scheduler.jobs import selectors, services
from scheduler.jobs.kinds import kinds
from scheduler.jobs.models import UNFINISHED, Job, Process


class Command(BaseCommand):
    help = "Looks at jobs and workers; cancels and retries."

    def add_arguments(self, parser: ArgumentParser) -> None:
        calls = parser.add_subparsers(dest="call", required=True)
        calls.add_parser("workers", help="worker and beat processes and when they were last seen")
        calls.add_parser("active", help="unfinished jobs in the order in which they will run")
        calls.add_parser("kinds", help="what kinds of job there are and what governs them")
        for name, text in (
            ("show", "one job with its log and traceback"),
            ("retry", "do the work of a job that ended badly again"),
            ("cancel", "cancel a job for everyone"),
        ):
            calls.add_parser(name, help=text).add_argument("id", type=uuid.UUID)

    def handle(self, *args: Any, **options: Any) -> None:
        call = {
            "workers": self._workers,
            "active": self._active,
            "kinds": self._kinds,
            "show": self._show,
            "retry": self._retry,
            "cancel": self._cancel,
        }[options["call"]]
        try:
            call(options.get("id") or uuid.UUID(int=0))
        except AcademyError as error:
            raise CommandError(f"{error} ({error.code})") from error

    def _workers(self, _: Any) -> None:
        rows = [
            (
                process.name,
                process.role,
                ",".join(process.lanes) or "-",
                str(process.pid),
                f"{(now - process.seen_at).total_seconds():.0f} s ago",
            )
            for process in Process.objects.order_by("role", "name").annotate(now=Now())
            for now in [process.now]
        ]
        self._table(("NAME", "ROLE", "LANES", "PID", "SEEN"), rows)

    def _active(self, _: Any) -> None:
        jobs = Job.objects.filter(status__in=UNFINISHED).select_related("owner")
        rows = [
            (
                str(job.pk),
                job.status,
                f"{job.progress}%",
                job.lane,
                str(job.priority),
                job.owner.username if job.owner else "-",
                str(job),
            )
            for job in jobs.order_by("lane", "status", "priority", "run_at")
        ]
        self._table(("ID", "STATE", "", "LANE", "PRIORITY", "OWNER", "WHAT"), rows)

    def _kinds(self, _: Any) -> None:
        rows = [
            (
                kind.name,
                kind.lane,
                str(kind.priority),
                f"{kind.soft_time_limit_seconds:g}/{kind.hard_time_limit_seconds:g} s",
                f"{kind.memory_limit_bytes // 2**20} MiB" if kind.memory_limit_bytes else "-",
                str(kind.max_attempts),
                f"every {kind.every_seconds:g} s" if kind.every_seconds else "-",
            )
            for kind in kinds()
        ]
        self._table(("KIND", "LANE", "PRIORITY", "LIMITS", "MEMORY", "ATTEMPTS", "PERIOD"), rows)

    def _show(self, job_id: uuid.UUID) -> None:
        job = Job.objects.filter(pk=job_id).first()
        if job is None:
            raise CommandError("There is no such job.")
        for name, value in selectors.status_document(job, person_id=None).items():
            self.stdout.write(f"{name}: {value}")
        self.stdout.write(f"params: {job.params}")
        self.stdout.write(f"worker: {job.worker}  crashes: {job.crash_count}  fence: {job.fence}")
        for line in selectors.log_lines(job_id=job_id):
            self.stdout.write(f"{line.at:%H:%M:%S} [{line.attempt}] {line.text}")
        if job.traceback:
            self.stdout.write(job.traceback)

    def _retry(self, job_id: uuid.UUID) -> None:
        job = services.job_retry(job_id=job_id, acting_user=None).job
        hints.flush(timeout_seconds=1)
        self.stdout.write(f"{job.pk} {job.status}")

    def _cancel(self, job_id: uuid.UUID) -> None:
        job = services.job_cancel(job_id=job_id, acting_user=None)
        publishing.flush(timeout_seconds=1)
        self.stdout.write(f"{job.pk} {job.status}")

    def _table(self, head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> None:
        widths = [max(len(row[i]) for row in [head, *rows]) for i in range(len(head))]
        for row in [head, *rows]:
            cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
            self.stdout.write("  ".join(cells).rstrip())
