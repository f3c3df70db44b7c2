"""Jobs in the admin: to look at, to cancel and to try again, never to edit."""

from datetime import timedelta
from typing import Any, Final

from django.contrib import admin, messages
from django.db.models import Count, Q, QuerySet
from django.db.models.functions import Now
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, npgettext

from academy.accounts.models import User
from academy.platform.administration.figures import Figure, counted, list_link, register_card
from academy.platform.administration.pages import ReadOnly, ReadOnlyLines
from academy.platform.errors import AcademyError
from academy.platform.steps import step_told
from scheduler.jobs import services
from scheduler.jobs.models import UNFINISHED, WAITING, Job, JobLogLine, JobWatch, Process, Status


class WatchInline(ReadOnlyLines):
    model = JobWatch

    def get_queryset(self, request: HttpRequest) -> QuerySet[JobWatch]:
        return super().get_queryset(request).select_related("person")


class LogInline(ReadOnlyLines):
    model = JobLogLine
    fields = ("at", "attempt", "text")


_LATELY: Final = timedelta(days=1)
_STAGES: Final = {
    "waiting": (_("Waiting, also to try again"), Q(status__in=WAITING)),
    "running": (_("Running"), Q(status=Status.RUNNING)),
    "trouble": (
        _("Failed or given up in the last 24 hours"),
        Q(status__in=(Status.FAILED, Status.DEAD), finished_at__gte=Now() - _LATELY),
    ),
}


class StageFilter(admin.SimpleListFilter):
    """What the home counts."""

    title = _("at a glance")
    parameter_name = "stage"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(stage, title) for stage, (title, _jobs) in _STAGES.items()]

    def queryset(self, request: HttpRequest, jobs: QuerySet[Job]) -> QuerySet[Job]:
        chosen = _STAGES.get(self.value() or "")
        return jobs.filter(chosen[1]) if chosen else jobs


def jobs_counted() -> list[Figure]:
    """What waits, what runs, and what went wrong within a day."""
    # Most jobs succeeded: the index leads past them, and has all that is counted.
    found = Job.objects.filter(status__in=(*UNFINISHED, Status.FAILED, Status.DEAD)).aggregate(
        **{stage: Count("status", filter=jobs) for stage, (_title, jobs) in _STAGES.items()}
    )
    texts = {
        "waiting": npgettext("jobs", "waits", "wait", found["waiting"]),
        "running": npgettext("jobs", "runs", "run", found["running"]),
        "trouble": npgettext(
            "jobs",
            "failed or was given up in 24 hours",
            "failed or were given up in 24 hours",
            found["trouble"],
        ),
    }
    return [
        counted(found[stage], text, list_link(Job, stage=stage), is_bad=stage == "trouble")
        for stage, text in texts.items()
    ]


register_card("jobs", jobs_counted, title=_("Jobs"), icon="bolt", rank=40)


@admin.register(Job)
class JobAdmin(ReadOnly):
    rank = 10
    list_display = (
        "title_or_kind",
        "status",
        "progress",
        "lane",
        "owner",
        "attempt",
        "crash_count",
        "error_code",
        "created_at",
        "finished_at",
    )
    list_filter = (StageFilter, "status", "lane", "kind", "created_at")
    search_fields = (
        "=id", "kind", "subject", "title", "error_code", "correlation_id",
        "owner__username", "owner__email", "owner__display_name",
    )  # fmt: skip
    list_select_related = ("owner",)
    date_hierarchy = "created_at"
    show_full_result_count = False
    fieldsets = (
        (None, {"fields": ("status", "title", "kind", "owner", "progress", "step_shown")}),
        (
            _("Times"),
            {
                "fields": (
                    "created_at",
                    "started_at",
                    "finished_at",
                    "run_at",
                    "cancel_requested_at",
                )
            },
        ),
        (
            _("Outcome"),
            {"fields": ("error_code", "error_detail", "traceback", "result", "retry_of")},
        ),
        (
            _("Inside"),
            {
                "fields": (
                    "id",
                    "subject",
                    "params",
                    "dedup_key",
                    "correlation_id",
                    "lane",
                    "priority",
                    "attempt",
                    "max_attempts",
                    "crash_count",
                    "worker",
                    "hinted_at",
                    "lease_until",
                    "fence",
                    "seq",
                )
            },
        ),
    )
    inlines = (WatchInline, LogInline)
    actions = ("cancel", "retry")

    @admin.display(description=_("job"))
    def title_or_kind(self, job: Job) -> str:
        return str(job)

    @admin.display(description=_("step"))
    def step_shown(self, job: Job) -> str:
        return step_told(job.step)

    @admin.action(description=_("Cancel"), permissions=["view"])
    def cancel(self, request: HttpRequest, jobs: QuerySet[Job]) -> None:
        changed = self._each(request, jobs, services.job_cancel)
        text = ngettext("%(n)d job is cancelled.", "%(n)d jobs are cancelled.", changed)
        self.message_user(request, text % {"n": changed})

    @admin.action(description=_("Try again"), permissions=["view"])
    def retry(self, request: HttpRequest, jobs: QuerySet[Job]) -> None:
        changed = self._each(request, jobs, services.job_retry)
        text = ngettext("%(n)d job starts again.", "%(n)d jobs start again.", changed)
        self.message_user(request, text % {"n": changed})

    def _each(self, request: HttpRequest, jobs: QuerySet[Job], act: Any) -> int:
        assert isinstance(request.user, User)
        done = 0
        for job in jobs:
            try:
                act(job_id=job.pk, acting_user=request.user)
                done += 1
            except AcademyError as error:
                self.message_user(request, f"{job}: {error}", messages.WARNING)
        return done


@admin.register(Process)
class ProcessAdmin(ReadOnly):
    rank = 20
    list_display = ("name", "role", "lanes", "pid", "started_at", "seen_at")
    list_filter = ("role",)
