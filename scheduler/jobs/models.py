"""Jobs, who watches them, what they logged, and the processes that run them."""

import uuid
from typing import Final

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Status(models.TextChoices):
    QUEUED = "queued", _("Waiting")
    RUNNING = "running", _("Running")
    RETRYING = "retrying", _("Trying again")
    SUCCEEDED = "succeeded", _("Done")
    FAILED = "failed", _("Failed")
    CANCELLED = "cancelled", _("Cancelled")
    DEAD = "dead", _("Given up")


WAITING: Final = (Status.QUEUED, Status.RETRYING)
UNFINISHED: Final = (Status.QUEUED, Status.RUNNING, Status.RETRYING)
FINISHED: Final = (Status.SUCCEEDED, Status.FAILED, Status.CANCELLED, Status.DEAD)


class Job(models.Model):
    """A piece of slow work, committed together with the change that asked for it.

        queued ----> running ----> succeeded | failed | cancelled
          |           |   ^
          |           v   |
          |         retrying -----> cancelled | dead (three crashes)
          +-----> cancelled

    A finished job never changes again; trying again makes a new one. `attempt` counts claims,
    `fence` rises with each claim and tells a late finisher that it is late, `seq` rises with
    every change that people can see. All times are the database's.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(_("kind"), max_length=100)
    lane = models.CharField(_("lane"), max_length=16)
    priority = models.SmallIntegerField(_("priority"), default=0)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=pgettext_lazy("a job", "owner"),
    )
    subject = models.CharField(_("about"), max_length=100, blank=True)
    title = models.CharField(_("title"), max_length=300, blank=True)
    params = models.JSONField(_("parameters"), default=dict)
    dedup_key = models.CharField(max_length=200, blank=True)
    status = models.CharField(_("state"), max_length=10, choices=Status, default=Status.QUEUED)
    progress = models.PositiveSmallIntegerField(_("percent"), default=0)
    step = models.CharField(_("step"), max_length=200, blank=True)
    seq = models.BigIntegerField(default=1)
    attempt = models.PositiveIntegerField(_("attempts"), default=0)
    max_attempts = models.PositiveIntegerField(default=3)
    crash_count = models.PositiveIntegerField(_("crashes"), default=0)
    run_at = models.DateTimeField(_("due"), db_default=Now())
    hinted_at = models.DateTimeField(null=True)
    lease_until = models.DateTimeField(null=True)
    fence = models.BigIntegerField(default=0)
    cancel_requested_at = models.DateTimeField(null=True)
    worker = models.CharField(_("worker"), max_length=200, blank=True)
    result = models.JSONField(null=True)
    error_code = models.CharField(_("error"), max_length=64, blank=True)
    error_detail = models.TextField(blank=True)
    traceback = models.TextField(blank=True)
    correlation_id = models.CharField(max_length=64, blank=True)
    retry_of = models.ForeignKey("self", models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(_("asked"), db_default=Now())
    started_at = models.DateTimeField(_("started"), null=True)
    finished_at = models.DateTimeField(_("finished"), null=True)

    class Meta:
        verbose_name = _("job")
        verbose_name_plural = _("jobs")
        constraints = (
            # Single flight. A job that is being cancelled is nobody's to join.
            models.UniqueConstraint(
                fields=["dedup_key"],
                name="one_flight_per_dedup_key",
                condition=~models.Q(dedup_key="")
                & models.Q(status__in=UNFINISHED)
                & models.Q(cancel_requested_at=None),
            ),
            models.CheckConstraint(
                name="progress_is_a_percentage", condition=models.Q(progress__lte=100)
            ),
        )
        indexes = (
            models.Index(
                fields=["lane", "priority", "run_at", "id"],
                name="jobs_waiting",
                condition=models.Q(status__in=WAITING),
            ),
            models.Index(
                fields=["lease_until"],
                name="jobs_leased",
                condition=models.Q(status=Status.RUNNING),
            ),
            models.Index(fields=["kind", "-finished_at"], name="jobs_history"),
            models.Index(fields=["-created_at"], name="jobs_newest"),
            models.Index(fields=["status", "finished_at"], name="jobs_by_state"),
            models.Index(fields=["subject"], name="jobs_subject"),
        )

    def __str__(self) -> str:
        return self.title or f"{self.kind} {self.id}"

    @property
    def is_finished(self) -> bool:
        return self.status in FINISHED

    @property
    def topic(self) -> str:
        return f"task:{self.id}"

    @property
    def next_attempt_at(self) -> "object | None":
        return self.run_at if self.status == Status.RETRYING else None


class JobWatch(models.Model):
    """A person whose request made or joined the job.

    `withdrawn_at` set: that person cancelled; for them the job is cancelled, whoever else waits.
    """

    job = models.ForeignKey(Job, models.CASCADE, related_name="watches")
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name=_("person")
    )
    asked_at = models.DateTimeField(_("asked"), db_default=Now())
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True, blank=True)

    class Meta:
        verbose_name = _("watcher")
        verbose_name_plural = _("watchers")
        constraints = (
            models.UniqueConstraint(fields=["job", "person"], name="one_watch_per_person"),
        )
        indexes = (models.Index(fields=["person", "-asked_at"], name="watches_of_person"),)

    def __str__(self) -> str:
        return str(self.person)


class JobLogLine(models.Model):
    """A line that a run left for whoever looks later; the newest 200 of a job are kept."""

    job = models.ForeignKey(Job, models.CASCADE, related_name="log_lines")
    at = models.DateTimeField(_("time"), db_default=Now())
    attempt = models.PositiveIntegerField(_("attempt"))
    text = models.CharField(_("text"), max_length=1000)

    class Meta:
        verbose_name = _("line of the log")
        verbose_name_plural = _("log")
        ordering = ("id",)

    def __str__(self) -> str:
        return self.text


class Process(models.Model):
    """A worker or beat that was alive at `seen_at`."""

    name = models.CharField(max_length=200, primary_key=True)
    role = models.CharField(max_length=16)
    lanes = models.JSONField(default=list)
    pid = models.PositiveIntegerField()
    started_at = models.DateTimeField(db_default=Now())
    seen_at = models.DateTimeField(db_default=Now(), db_index=True)

    class Meta:
        verbose_name_plural = _("processes")

    def __str__(self) -> str:
        return self.name
