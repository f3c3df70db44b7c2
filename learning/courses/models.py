"""Courses, their sections, pictures, old addresses, and who was let in."""

from django.conf import settings
from django.core.validators import MaxLengthValidator, RegexValidator
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from learning.courses.paths import reads_as_id

LANGUAGE_TAG = r"[a-zA-Z]{2,8}(?:-[a-zA-Z0-9]{1,8}){0,4}"
"""Well-formed enough for `lang` (RFC 5646, section 2.1, without private use)."""

MAX_DESCRIPTION_CHARACTERS = 8_000
"""A description is rendered while its course is saved, so it stays short."""


class Status(models.TextChoices):
    DRAFT = "draft", _("Draft")
    PUBLISHED = "published", _("Published")


class Level(models.TextChoices):
    BEGINNER = "beginner", _("Beginner")
    INTERMEDIATE = "intermediate", _("Intermediate")
    ADVANCED = "advanced", _("Advanced")


class Visibility(models.TextChoices):
    """Who finds a published course."""

    PUBLIC = "public", _("Everybody, in the catalogue")
    UNLISTED = "unlisted", _("Whoever has its address")
    ENROLLED = "enrolled", _("People who are enrolled")


class ReleasePolicy(models.TextChoices):
    """Which release a learner reads."""

    NEWEST = "newest", _("The newest one")
    PINNED = "pinned", _("The one on which they started")


class Course(models.Model):
    """Lessons under one title, one owner and those who help with it.

    States: draft <-> published. A draft is seen by its staff and by operators only. A published
    course shows its `newest_release`, never the rows that its instructors edit. `price` is in
    minor units of `currency`; 0 is free. `seat_limit` and `enrolment_days`: None is no limit.
    """

    slug = models.SlugField(_("address"), max_length=80, unique=True)
    title = models.CharField(_("title"), max_length=200)
    summary = models.CharField(_("summary"), max_length=500, blank=True)
    description = models.TextField(
        _("description"),
        blank=True,
        help_text=_("Markdown."),
        validators=[MaxLengthValidator(MAX_DESCRIPTION_CHARACTERS)],
    )
    description_html = models.TextField(blank=True, editable=False)
    language = models.CharField(
        _("language"),
        max_length=35,
        default="en",
        validators=[RegexValidator(rf"^{LANGUAGE_TAG}\Z")],
    )
    level = models.CharField(_("level"), max_length=12, choices=Level, blank=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="owned_courses",
        verbose_name=_("owner"),
    )
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.DRAFT)
    visibility = models.CharField(
        _("visibility"), max_length=10, choices=Visibility, default=Visibility.PUBLIC
    )
    cover = models.ForeignKey(
        "learning.CourseFigure",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("cover"),
    )
    price = models.PositiveIntegerField(
        _("price"), default=0, help_text=_("In minor units, e.g. cents; 0 is free.")
    )
    currency = models.CharField(
        _("currency"),
        max_length=3,
        default="EUR",
        validators=[RegexValidator(r"^[A-Z]{3}\Z")],
        help_text=_("Three letters (ISO 4217)."),
    )
    release_policy = models.CharField(
        _("learners read"), max_length=8, choices=ReleasePolicy, default=ReleasePolicy.NEWEST
    )
    seat_limit = models.PositiveIntegerField(
        _("seats"), null=True, blank=True, help_text=_("Empty: no limit.")
    )
    enrolment_days = models.PositiveIntegerField(
        _("days of an enrolment"), null=True, blank=True, help_text=_("Empty: it does not end.")
    )
    newest_release = models.ForeignKey(
        "learning.Release",
        models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name=_("newest release"),
    )
    source_digest = models.CharField(max_length=64, blank=True, editable=False)
    created_at = models.DateTimeField(_("created"), db_default=Now(), editable=False)
    updated_at = models.DateTimeField(_("changed"), db_default=Now(), editable=False)

    class Meta:
        ordering = ("title", "pk")
        verbose_name = _("course")
        verbose_name_plural = _("courses")
        indexes = (models.Index(fields=["status", "title"], name="course_by_status_title"),)
        constraints = (
            models.CheckConstraint(
                condition=models.Q(status__in=Status.values), name="course_status_is_known"
            ),
            models.CheckConstraint(condition=~models.Q(slug=""), name="course_has_an_address"),
            models.CheckConstraint(
                condition=models.Q(visibility__in=Visibility.values),
                name="course_visibility_is_known",
            ),
            models.CheckConstraint(
                condition=models.Q(release_policy__in=ReleasePolicy.values),
                name="course_release_policy_is_known",
            ),
        )

    def __str__(self) -> str:
        return self.title

    @property
    def path(self) -> str:
        return self.slug

    @property
    def api_name(self) -> str:
        """What programs call it: its slug, unless that is an old one that reads as a number."""
        return str(self.pk) if reads_as_id(self.slug) else self.slug

    @property
    def is_draft(self) -> bool:
        return self.status == Status.DRAFT


class StaffRole(models.TextChoices):
    """What somebody is in a course beside its owner."""

    CO_INSTRUCTOR = "co_instructor", _("Co-instructor")
    ASSISTANT = "assistant", _("Assistant: sees, but does not edit")


class CourseStaff(models.Model):
    """A person who teaches a course with its owner, or assists."""

    course = models.ForeignKey(Course, models.CASCADE, related_name="staff")
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        related_name="course_posts",
        verbose_name=_("person"),
    )
    role = models.CharField(_("role"), max_length=16, choices=StaffRole)
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name=_("added by"),
    )
    added_at = models.DateTimeField(_("since"), db_default=Now(), editable=False)

    class Meta:
        ordering = ("course", "role", "pk")
        verbose_name = _("instructor or assistant")
        verbose_name_plural = _("instructors and assistants")
        constraints = (
            models.UniqueConstraint(
                fields=["course", "person"], name="one_post_per_person_and_course"
            ),
            models.CheckConstraint(
                condition=models.Q(role__in=StaffRole.values), name="staff_role_is_known"
            ),
        )

    def __str__(self) -> str:
        return f"{self.person}: {self.course}"


class CourseChange(models.Model):
    """What changed for people who look at the catalogue or at a course, in order.

    The id is the sequence number of the frames that open pages get. `course_slug` outlives the
    course. Old rows are let go; the newest stay.
    """

    class Kind(models.TextChoices):
        RELEASED = "released", _("A release was published")
        CHANGED = "changed", _("Its description changed")
        WITHDRAWN = "withdrawn", _("It is no longer open")

    course = models.ForeignKey(
        Course, models.SET_NULL, null=True, related_name="changes", verbose_name=_("course")
    )
    course_slug = models.SlugField(max_length=80)
    kind = models.CharField(_("what"), max_length=10, choices=Kind)
    at = models.DateTimeField(_("at"), db_default=Now(), editable=False)

    class Meta:
        ordering = ("-pk",)
        verbose_name = _("change of a course")
        verbose_name_plural = _("changes of courses")

    def __str__(self) -> str:
        return f"{self.course_slug}: {self.kind}"


class CourseAddress(models.Model):
    """A slug that the course had before; it keeps leading to it."""

    slug = models.SlugField(max_length=80, unique=True)
    course = models.ForeignKey(Course, models.CASCADE, related_name="old_addresses")

    class Meta:
        verbose_name = _("old address of a course")
        verbose_name_plural = _("old addresses of courses")

    def __str__(self) -> str:
        return self.slug


class Section(models.Model):
    """A heading over some lessons of a course.

    Two sections may share a position: the older one then comes first, so the order is total and
    moving one needs no other row.
    """

    course = models.ForeignKey(Course, models.CASCADE, related_name="sections")
    title = models.CharField(_("title"), max_length=200)
    position = models.PositiveIntegerField(_("position"), default=0)

    class Meta:
        ordering = ("course", "position", "pk")
        verbose_name = _("section")
        verbose_name_plural = _("sections")
        constraints = (
            models.UniqueConstraint(
                fields=["course", "title"], name="section_title_once_per_course"
            ),
        )

    def __str__(self) -> str:
        return self.title


class CourseGrant(models.Model):
    """A person whom somebody let into the premium lessons of a course."""

    course = models.ForeignKey(Course, models.CASCADE, related_name="grants")
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        related_name="course_grants",
        verbose_name=_("person"),
    )
    granted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name=_("granted by"),
    )
    at = models.DateTimeField(_("since"), db_default=Now(), editable=False)

    class Meta:
        ordering = ("-pk",)
        verbose_name = _("access to a course")
        verbose_name_plural = _("access to courses")
        constraints = (
            models.UniqueConstraint(
                fields=["course", "person"], name="one_grant_per_person_and_course"
            ),
        )

    def __str__(self) -> str:
        return f"{self.person}: {self.course}"


class CourseFigure(models.Model):
    """A picture of a course; its bytes are in the media store under `digest`.

    `name` is the path that lessons write, such as `fig/tree.svg`. Sizes are CSS pixels, null
    where the picture names none.
    """

    course = models.ForeignKey(Course, models.CASCADE, related_name="figures")
    name = models.CharField(_("name"), max_length=200)
    digest = models.CharField(max_length=64, db_index=True, editable=False)
    content_type = models.CharField(max_length=40, editable=False)
    size = models.PositiveIntegerField(_("bytes"), editable=False)
    width = models.PositiveIntegerField(_("width"), null=True, editable=False)
    height = models.PositiveIntegerField(_("height"), null=True, editable=False)
    updated_at = models.DateTimeField(_("changed"), db_default=Now(), editable=False)

    class Meta:
        ordering = ("course", "name")
        verbose_name = _("figure")
        verbose_name_plural = _("figures")
        constraints = (
            models.UniqueConstraint(fields=["course", "name"], name="figure_name_once_per_course"),
        )

    def __str__(self) -> str:
        return self.name
