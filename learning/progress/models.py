"""What learners did, and what follows from it."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from learning.enrolments.models import Enrolment
from learning.lessons.models import Lesson
from learning.releases.models import Release


class ProgressEvent(models.Model):
    """Something that a learner did in a lesson. Append-only; the truth of all progress.

    `event_id` is made by the client: the same one again changes nothing. `occurred_at` is when
    the client says that it happened, never after the database received it (`at`); events are
    told in the order of (`occurred_at`, id).
    """

    class Kind(models.TextChoices):
        OPENED = "opened", _("Opened")
        CHECKPOINT = "checkpoint", _("Read up to a place")
        COMPLETED = "completed", _("Completed")
        REOPENED = "reopened", _("Opened anew")
        RULE_MET = "rule_met", _("Met a rule")

    enrolment = models.ForeignKey(
        Enrolment, models.CASCADE, related_name="events", verbose_name=_("enrolment")
    )
    lesson = models.ForeignKey(
        Lesson, models.CASCADE, related_name="progress_events", verbose_name=_("lesson")
    )
    event_id = models.UUIDField(_("id of the client"))
    kind = models.CharField(_("what"), max_length=12, choices=Kind)
    data = models.JSONField(default=dict, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("by"),
    )
    occurred_at = models.DateTimeField(_("happened"))
    at = models.DateTimeField(_("received"), db_default=Now(), editable=False)

    class Meta:
        ordering = ("-pk",)
        verbose_name = _("progress event")
        verbose_name_plural = _("progress events")
        indexes = (
            models.Index(fields=["enrolment", "lesson", "occurred_at"], name="events_in_order"),
        )
        constraints = (
            models.UniqueConstraint(fields=["enrolment", "event_id"], name="an_event_counts_once"),
        )

    def __str__(self) -> str:
        return f"{self.enrolment_id}: {self.kind}"


class LessonProgress(models.Model):
    """Where a learner stands in a lesson; derived from the events, and made anew at any time.

    `seconds` of reading are measured between events by the database's clock. `checkpoint` is
    `{"anchor", "fraction"}`: the heading above and how far down the page, 0 to 1.
    """

    class State(models.TextChoices):
        OPENED = "opened", _("Opened")
        COMPLETED = "completed", _("Completed")

    enrolment = models.ForeignKey(Enrolment, models.CASCADE, related_name="lesson_progress")
    lesson = models.ForeignKey(Lesson, models.CASCADE, related_name="progress")
    state = models.CharField(_("state"), max_length=10, choices=State)
    opened_at = models.DateTimeField(_("opened"), null=True)
    completed_at = models.DateTimeField(_("completed"), null=True)
    checkpoint = models.JSONField(null=True)
    checkpoint_at = models.DateTimeField(null=True)
    seconds = models.PositiveIntegerField(_("seconds read"), default=0)
    rules_met = models.JSONField(default=list)

    class Meta:
        ordering = ("enrolment", "lesson")
        verbose_name = _("progress in a lesson")
        verbose_name_plural = _("progress in lessons")
        indexes = (models.Index(fields=["lesson", "state"], name="progress_by_lesson_state"),)
        constraints = (
            models.UniqueConstraint(
                fields=["enrolment", "lesson"], name="one_progress_per_learner_and_lesson"
            ),
        )

    def __str__(self) -> str:
        return f"{self.enrolment_id}: {self.lesson_id}"


class CourseProgress(models.Model):
    """Where a learner stands in a course; derived as `LessonProgress` is.

    `percent` is `completed_count` of the `required_count` lessons that count in `release`, the
    learner's, rounded down: 100 only when all are completed. `seq` rises with every change.
    """

    enrolment = models.OneToOneField(
        Enrolment, models.CASCADE, primary_key=True, related_name="progress"
    )
    release = models.ForeignKey(Release, models.SET_NULL, null=True, related_name="+")
    percent = models.PositiveSmallIntegerField(_("percent"), default=0)
    completed_count = models.PositiveIntegerField(_("completed"), default=0)
    required_count = models.PositiveIntegerField(_("of"), default=0)
    last_lesson = models.ForeignKey(Lesson, models.SET_NULL, null=True, related_name="+")
    last_active_at = models.DateTimeField(_("last active"), null=True)
    completed_at = models.DateTimeField(_("completed"), null=True)
    seq = models.PositiveBigIntegerField(default=0)
    changed_at = models.DateTimeField(_("changed"), db_default=Now(), editable=False)

    class Meta:
        verbose_name = _("progress in a course")
        verbose_name_plural = _("progress in courses")
        indexes = (models.Index(fields=["changed_at"], name="progress_by_change"),)
        constraints = (
            models.CheckConstraint(
                condition=models.Q(percent__gte=0, percent__lte=100),
                name="percent_is_0_to_100",
            ),
        )

    def __str__(self) -> str:
        return f"{self.enrolment_id}: {self.percent} %"
