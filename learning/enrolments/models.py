"""Who learns in which course, from when until when, and what opens for them."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models.functions import Lower, Now
from django.utils.translation import gettext_lazy as _

from learning.courses.models import Course
from learning.lessons.models import Lesson
from learning.releases.models import Release


class Cohort(models.Model):
    """People who go through a course together.

    Its dates bound theirs: nothing opens before `starts_at`, nothing after `ends_at`; None is no
    bound.
    """

    course = models.ForeignKey(
        Course, models.CASCADE, related_name="cohorts", verbose_name=_("course")
    )
    name = models.CharField(_("name"), max_length=120)
    starts_at = models.DateTimeField(_("starts"), null=True, blank=True)
    ends_at = models.DateTimeField(_("ends"), null=True, blank=True)
    created_at = models.DateTimeField(_("made"), db_default=Now(), editable=False)

    class Meta:
        ordering = ("course", "starts_at", "pk")
        verbose_name = _("cohort")
        verbose_name_plural = _("cohorts")
        constraints = (
            models.UniqueConstraint(fields=["course", "name"], name="cohort_name_once_per_course"),
            models.CheckConstraint(
                condition=models.Q(starts_at=None)
                | models.Q(ends_at=None)
                | models.Q(ends_at__gt=models.F("starts_at")),
                name="cohort_ends_after_it_starts",
                violation_error_message=_("A cohort ends after it starts."),
            ),
        )

    def __str__(self) -> str:
        return self.name


class EnrolmentKey(models.Model):
    """A word that lets whoever knows it enrol; whatever its case, one course's alone.

        good -> used up | expired (read from `uses`, `expires_at` and the clock) | revoked

    `uses` never passes `max_uses`; None is no limit.
    """

    course = models.ForeignKey(
        Course, models.CASCADE, related_name="enrolment_keys", verbose_name=_("course")
    )
    key = models.CharField(_("key"), max_length=64)
    cohort = models.ForeignKey(Cohort, models.SET_NULL, null=True, blank=True, related_name="keys")
    max_uses = models.PositiveIntegerField(_("at most"), null=True, blank=True)
    uses = models.PositiveIntegerField(_("used"), default=0, editable=False)
    expires_at = models.DateTimeField(_("good until"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name=_("made by"),
    )
    created_at = models.DateTimeField(_("made"), db_default=Now(), editable=False)

    class Meta:
        ordering = ("course", "-pk")
        verbose_name = _("enrolment key")
        verbose_name_plural = _("enrolment keys")
        constraints = (
            models.UniqueConstraint("course", Lower("key"), name="key_once_per_course"),
            models.CheckConstraint(
                condition=models.Q(max_uses=None) | models.Q(uses__lte=models.F("max_uses")),
                name="key_is_not_used_too_often",
            ),
        )

    def __str__(self) -> str:
        return f"{self.course_id}: {self.pk}"


class Enrolment(models.Model):
    """A person in a course; one row for good, so that progress survives a pause.

        active <-> suspended (by an instructor)
        active | suspended -> withdrawn (by either side) -> active (enrolled again)

    Ended is not a state: it is read from `expires_at`, the cohort and the database's clock.
    `release` is the one that a learner reads whose course pins them; `started_at` is what drip
    rules count from. `is_barred`: instructors ended it, and only they let the learner in again.
    """

    class Status(models.TextChoices):
        ACTIVE = "active", _("Active")
        SUSPENDED = "suspended", _("Suspended")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    class Source(models.TextChoices):
        SELF = "self", _("Enrolled themselves")
        INSTRUCTOR = "instructor", _("By an instructor")
        KEY = "key", _("With a key")
        IMPORT = "import", _("From a list")

    course = models.ForeignKey(
        Course, models.CASCADE, related_name="enrolments", verbose_name=_("course")
    )
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        related_name="enrolments",
        verbose_name=_("learner"),
    )
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.ACTIVE)
    source = models.CharField(_("how"), max_length=10, choices=Source)
    release = models.ForeignKey(
        Release,
        models.RESTRICT,
        null=True,
        blank=True,
        related_name="pinned_enrolments",
        verbose_name=_("release"),
    )
    cohort = models.ForeignKey(
        Cohort,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="enrolments",
        verbose_name=_("cohort"),
    )
    enrolled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name=_("enrolled by"),
    )
    is_barred = models.BooleanField(_("let in again by instructors alone"), default=False)
    started_at = models.DateTimeField(_("started"), db_default=Now())
    expires_at = models.DateTimeField(_("ends"), null=True, blank=True)
    changed_at = models.DateTimeField(_("changed"), db_default=Now(), editable=False)

    class Meta:
        ordering = ("course", "-pk")
        verbose_name = _("enrolment")
        verbose_name_plural = _("enrolments")
        indexes = (models.Index(fields=["course", "status"], name="enrolment_by_course_status"),)
        constraints = (
            models.UniqueConstraint(
                fields=["course", "person"], name="one_enrolment_per_person_and_course"
            ),
            models.CheckConstraint(
                condition=models.Q(status__in=["active", "suspended", "withdrawn"]),
                name="enrolment_status_is_known",
            ),
        )

    def __str__(self) -> str:
        return f"{self.person}: {self.course}"


class DripRule(models.Model):
    """When a lesson opens for the learners of its course; all rules of a lesson must hold."""

    class Kind(models.TextChoices):
        AFTER_DAYS = "after_days", _("Days after the start")
        ON_DATE = "on_date", _("On a date")
        AFTER_LESSON = "after_lesson", _("When another lesson is completed")

    lesson = models.ForeignKey(
        Lesson, models.CASCADE, related_name="drip_rules", verbose_name=_("lesson")
    )
    kind = models.CharField(_("opens"), max_length=12, choices=Kind)
    days = models.PositiveIntegerField(_("days"), null=True, blank=True)
    opens_at = models.DateTimeField(_("date"), null=True, blank=True)
    after = models.ForeignKey(
        Lesson,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="opens_others",
        verbose_name=_("after the lesson"),
    )

    class Meta:
        ordering = ("lesson", "pk")
        verbose_name = _("opening rule")
        verbose_name_plural = _("opening rules")
        constraints = (
            models.CheckConstraint(
                condition=models.Q(kind="after_days", days__isnull=False)
                | models.Q(kind="on_date", opens_at__isnull=False)
                | models.Q(kind="after_lesson", after__isnull=False),
                name="drip_rule_is_whole",
            ),
            models.CheckConstraint(
                condition=models.Q(after=None) | ~models.Q(after=models.F("lesson")),
                name="lesson_waits_for_no_self",
            ),
        )

    def __str__(self) -> str:
        return f"{self.lesson_id}: {self.kind}"


class DripOverride(models.Model):
    """For one learner or one cohort a lesson opens at `opens_at`, whatever its rules say.

    None opens it at once. A learner's own one goes before that of their cohort.
    """

    lesson = models.ForeignKey(Lesson, models.CASCADE, related_name="drip_overrides")
    enrolment = models.ForeignKey(
        Enrolment, models.CASCADE, null=True, blank=True, related_name="drip_overrides"
    )
    cohort = models.ForeignKey(
        Cohort, models.CASCADE, null=True, blank=True, related_name="drip_overrides"
    )
    opens_at = models.DateTimeField(_("opens"), null=True, blank=True)

    class Meta:
        ordering = ("lesson", "pk")
        verbose_name = _("exception from an opening rule")
        verbose_name_plural = _("exceptions from opening rules")
        constraints = (
            models.UniqueConstraint(
                fields=["lesson", "enrolment"], name="one_override_per_lesson_and_learner"
            ),
            models.UniqueConstraint(
                fields=["lesson", "cohort"], name="one_override_per_lesson_and_cohort"
            ),
            models.CheckConstraint(
                condition=models.Q(enrolment__isnull=False, cohort=None)
                | models.Q(enrolment=None, cohort__isnull=False),
                name="override_is_for_one",
            ),
        )

    def __str__(self) -> str:
        return f"{self.lesson_id}: {self.enrolment_id or self.cohort_id}"


class EnrolmentList(models.Model):
    """A list of people that an instructor sent; a job enrols them line by line.

        received (`text` stands) -> read (its lines stand, `text` is let go) -> done (`done_at`)

    `line_count` is None until it is read. Old lists are let go: they hold addresses of people.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    course = models.ForeignKey(
        Course, models.CASCADE, related_name="enrolment_lists", verbose_name=_("course")
    )
    sent_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name=_("sent by"),
    )
    text = models.TextField(blank=True, editable=False)
    line_count = models.PositiveIntegerField(_("lines"), null=True)
    job_id = models.UUIDField(null=True, editable=False)
    sent_at = models.DateTimeField(_("sent"), db_default=Now(), editable=False)
    done_at = models.DateTimeField(_("done"), null=True)

    class Meta:
        ordering = ("-sent_at", "-pk")
        verbose_name = _("list of people")
        verbose_name_plural = _("lists of people")
        indexes = (models.Index(fields=["course", "-sent_at"], name="lists_by_course"),)

    def __str__(self) -> str:
        return f"{self.course_id}: {self.pk}"


class EnrolmentListLine(models.Model):
    """One line of a list, as it was written, and what became of it.

    waiting -> enrolled | already (nothing to do) | refused (`code` says why)
    """

    class Outcome(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        ENROLLED = "enrolled", _("Enrolled")
        ALREADY = "already", _("Enrolled already")
        REFUSED = "refused", _("Not enrolled")

    list = models.ForeignKey(EnrolmentList, models.CASCADE, related_name="lines")
    number = models.PositiveIntegerField(_("line"))
    who = models.CharField(_("who"), max_length=254)
    cohort_name = models.CharField(_("cohort"), max_length=120, blank=True)
    expires = models.CharField(_("ends"), max_length=40, blank=True)
    outcome = models.CharField(_("outcome"), max_length=8, choices=Outcome, default=Outcome.WAITING)
    code = models.CharField(max_length=40, blank=True)
    enrolment = models.ForeignKey(
        Enrolment, models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ("list", "number")
        verbose_name = _("line of a list of people")
        verbose_name_plural = _("lines of lists of people")
        indexes = (models.Index(fields=["list", "outcome"], name="lines_by_outcome"),)
        constraints = (
            models.UniqueConstraint(fields=["list", "number"], name="line_number_once_per_list"),
            models.CheckConstraint(
                condition=models.Q(outcome__in=["waiting", "enrolled", "already", "refused"]),
                name="line_outcome_is_known",
            ),
        )

    def __str__(self) -> str:
        return f"{self.list_id}: {self.number}"
