"""What programs send of courses."""

from typing import Any

from django.core.validators import RegexValidator
from rest_framework import serializers

from academy.platform.documents.text import clean_line
from learning.courses.models import (
    LANGUAGE_TAG,
    MAX_DESCRIPTION_CHARACTERS,
    Course,
    CourseFigure,
    CourseStaff,
    Level,
    ReleasePolicy,
    StaffRole,
    Visibility,
)
from learning.courses.paths import figure_path
from learning.courses.services.courses import MAX_PRICE

_MAX_COUNT = 1_000_000


class CourseInput(serializers.Serializer[Any]):
    """A course as it is written; title to level reach readers with the next release."""

    title = serializers.CharField(max_length=200)
    slug = serializers.SlugField(
        max_length=80, help_text="Not of digits alone: those are a course's id."
    )
    summary = serializers.CharField(max_length=500, required=False, allow_blank=True)
    description = serializers.CharField(
        max_length=MAX_DESCRIPTION_CHARACTERS,
        required=False,
        allow_blank=True,
        help_text="Markdown",
    )
    language = serializers.RegexField(rf"^{LANGUAGE_TAG}\Z", max_length=35, required=False)
    level = serializers.ChoiceField(choices=Level.choices, required=False, allow_blank=True)
    visibility = serializers.ChoiceField(choices=Visibility.choices, required=False)
    price = serializers.IntegerField(
        min_value=0, max_value=MAX_PRICE, required=False, help_text="minor units of `currency`"
    )
    currency = serializers.CharField(
        max_length=3, required=False, validators=[RegexValidator(r"^[A-Z]{3}\Z")]
    )
    release_policy = serializers.ChoiceField(choices=ReleasePolicy.choices, required=False)
    seat_limit = serializers.IntegerField(
        min_value=1, max_value=_MAX_COUNT, required=False, allow_null=True
    )
    enrolment_days = serializers.IntegerField(
        min_value=1, max_value=36_500, required=False, allow_null=True
    )

    def validate_title(self, value: str) -> str:
        title = clean_line(value)
        if not title:
            raise serializers.ValidationError("A course has a title.", code="blank")
        return title


class CourseDraftOutput(serializers.Serializer[Any]):
    """What the course's instructors have written."""

    id = serializers.IntegerField(source="pk")
    slug = serializers.CharField()
    title = serializers.CharField()
    summary = serializers.CharField()
    description = serializers.CharField(help_text="Markdown")
    language = serializers.CharField()
    level = serializers.CharField()
    visibility = serializers.ChoiceField(choices=Visibility.choices)
    price = serializers.IntegerField(min_value=0)
    currency = serializers.CharField()
    release_policy = serializers.ChoiceField(choices=ReleasePolicy.choices)
    seat_limit = serializers.IntegerField(allow_null=True)
    enrolment_days = serializers.IntegerField(allow_null=True)
    is_draft = serializers.BooleanField()
    owner = serializers.SerializerMethodField()
    updated_at = serializers.DateTimeField()

    def get_owner(self, course: Course) -> str:
        return course.owner.username if course.owner else ""


class CoverOutput(serializers.Serializer[Any]):
    """A course's cover; sizes are CSS pixels."""

    cover_url = serializers.SerializerMethodField()
    content_type = serializers.CharField()
    width = serializers.IntegerField(allow_null=True)
    height = serializers.IntegerField(allow_null=True)

    def get_cover_url(self, cover: CourseFigure) -> str:
        return figure_path(cover.course.slug, cover.name, digest=cover.digest)


class StaffInput(serializers.Serializer[Any]):
    role = serializers.ChoiceField(choices=StaffRole.choices)


class OwnerInput(serializers.Serializer[Any]):
    username = serializers.CharField(
        max_length=254,
        help_text="A user name, or the person's confirmed e-mail address, whatever the case.",
    )


class StaffOutput(serializers.Serializer[Any]):
    username = serializers.CharField(source="person.username")
    name = serializers.SerializerMethodField()
    role = serializers.ChoiceField(choices=StaffRole.choices)
    added_at = serializers.DateTimeField()

    def get_name(self, post: CourseStaff) -> str:
        return str(post.person)
