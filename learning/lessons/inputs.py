"""What programs send of lessons, and the draft as they get it."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from academy.platform.documents.text import clean_line
from learning.courses.models import LANGUAGE_TAG, Section, Status
from learning.lessons.models import Lesson, Tier
from learning.lessons.videos import require_video_address

MAX_BODY_CHARACTERS = 2_000_000


@extend_schema_field({"type": "object", "additionalProperties": True})
class CompletionField(serializers.JSONField):
    """What completes a lesson; `{}` is marking it done."""


class LessonInput(serializers.Serializer[Any]):
    """The draft of a lesson; `status` `published` puts it into the next release."""

    title = serializers.CharField(max_length=200)
    slug = serializers.SlugField(max_length=80)
    summary = serializers.CharField(max_length=500, required=False, allow_blank=True)
    body = serializers.CharField(
        max_length=MAX_BODY_CHARACTERS,
        required=False,
        allow_blank=True,
        trim_whitespace=False,
        help_text="Markdown",
    )
    language = serializers.RegexField(
        rf"^{LANGUAGE_TAG}\Z", max_length=35, required=False, allow_blank=True
    )
    access = serializers.ChoiceField(choices=Tier.choices, required=False)
    video_url = serializers.URLField(max_length=500, required=False, allow_blank=True)
    is_required = serializers.BooleanField(required=False)
    completion = CompletionField(required=False)
    status = serializers.ChoiceField(choices=Status.choices, required=False)
    section = serializers.CharField(
        max_length=200, required=False, allow_blank=True, help_text="Title of one that is there"
    )
    position = serializers.IntegerField(min_value=0, max_value=1_000_000, required=False)

    def validate_title(self, value: str) -> str:
        title = clean_line(value)
        if not title:
            raise serializers.ValidationError("A lesson has a title.", code="blank")
        return title

    def validate_video_url(self, value: str) -> str:
        if value:
            require_video_address(value)
        return value

    def validate_section(self, value: str) -> Section | None:
        title = clean_line(value)
        if not title:
            return None
        section = Section.objects.filter(course=self.context["course"], title=title).first()
        if section is None:
            raise serializers.ValidationError("There is no such section.", code="invalid")
        return section


class LessonDraftOutput(serializers.Serializer[Any]):
    """What the lesson's instructors have written."""

    id = serializers.IntegerField(source="pk")
    permalink = serializers.CharField()
    title = serializers.CharField()
    slug = serializers.CharField()
    summary = serializers.CharField()
    body = serializers.CharField(help_text="Markdown")
    language = serializers.CharField()
    access = serializers.ChoiceField(choices=Tier.choices)
    video_url = serializers.CharField()
    is_required = serializers.BooleanField()
    completion = CompletionField()
    status = serializers.ChoiceField(choices=Status.choices)
    section = serializers.SerializerMethodField()
    position = serializers.IntegerField()
    content_hash = serializers.CharField()
    updated_at = serializers.DateTimeField()

    @extend_schema_field({"type": "string"})
    def get_section(self, lesson: Lesson) -> str:
        return lesson.section.title if lesson.section else ""


class SectionInput(serializers.Serializer[Any]):
    title = serializers.CharField(max_length=200, allow_blank=True)
    lessons = serializers.ListField(
        child=serializers.SlugField(max_length=80), max_length=2000, help_text="slugs, in order"
    )


class ContentsInput(serializers.Serializer[Any]):
    sections = serializers.ListField(child=SectionInput(), max_length=200)
