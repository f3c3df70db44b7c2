"""Releases: what a course was when its instructors published it."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from learning.courses.models import Course
from learning.lessons.models import Lesson, LessonRevision


class Release(models.Model):
    """A course as it was published, for ever.

    Numbers count from 1 in each course. Nothing of a release changes; a later one follows it.
    """

    course = models.ForeignKey(
        Course, models.CASCADE, related_name="releases", verbose_name=_("course")
    )
    number = models.PositiveIntegerField(_("number"))
    note = models.TextField(_("what is new"), max_length=2000, blank=True)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("published by"),
    )
    published_at = models.DateTimeField(_("published"), db_default=Now(), editable=False)
    title = models.CharField(_("title"), max_length=200)
    summary = models.CharField(_("summary"), max_length=500, blank=True)
    description_html = models.TextField(blank=True)
    language = models.CharField(_("language"), max_length=35)
    level = models.CharField(_("level"), max_length=12, blank=True)
    lesson_count = models.PositiveIntegerField(_("lessons"))
    required_count = models.PositiveIntegerField(_("lessons that count"))

    class Meta:
        ordering = ("course", "-number")
        verbose_name = _("release")
        verbose_name_plural = _("releases")
        constraints = (
            models.UniqueConstraint(
                fields=["course", "number"], name="release_number_once_per_course"
            ),
        )

    def __str__(self) -> str:
        return f"{self.title} {self.number}"


class ReleaseLesson(models.Model):
    """A lesson in a release: which revision, where, and what completes it."""

    release = models.ForeignKey(Release, models.CASCADE, related_name="entries")
    # Not deleted while a release has it, except with the whole course.
    lesson = models.ForeignKey(Lesson, models.RESTRICT, related_name="release_entries")
    revision = models.ForeignKey(LessonRevision, models.RESTRICT, related_name="release_entries")
    position = models.PositiveIntegerField(_("position"))
    section_title = models.CharField(_("section"), max_length=200, blank=True)
    is_required = models.BooleanField(_("counts"), default=True)
    completion = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering = ("release", "position")
        verbose_name = _("lesson of a release")
        verbose_name_plural = _("lessons of releases")
        constraints = (
            models.UniqueConstraint(fields=["release", "lesson"], name="lesson_once_per_release"),
            models.UniqueConstraint(
                fields=["release", "position"], name="position_once_per_release"
            ),
        )

    def __str__(self) -> str:
        return f"{self.release_id}.{self.position}"
