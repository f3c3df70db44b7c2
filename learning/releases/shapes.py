"""What releases, and what publishing would change, look like to programs."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from learning.releases.models import Release
from learning.releases.services import MAX_NOTE_CHARACTERS
from learning.releases.texts import LineKind


class ReleaseOutput(serializers.Serializer[Any]):
    number = serializers.IntegerField(min_value=1)
    title = serializers.CharField()
    note = serializers.CharField()
    author = serializers.SerializerMethodField()
    published_at = serializers.DateTimeField()
    lesson_count = serializers.IntegerField(min_value=0)
    required_count = serializers.IntegerField(min_value=0)

    def get_author(self, release: Release) -> str:
        return str(release.author) if release.author else ""


class EntryOutput(serializers.Serializer[Any]):
    permalink = serializers.CharField(source="lesson.permalink")
    title = serializers.CharField(source="revision.title")
    section = serializers.CharField(source="section_title")
    position = serializers.IntegerField()
    is_required = serializers.BooleanField()
    content_hash = serializers.CharField(source="revision.content_hash")


class ReleaseDetailOutput(ReleaseOutput):
    lessons = serializers.SerializerMethodField()

    @extend_schema_field(EntryOutput(many=True))
    def get_lessons(self, _release: Release) -> Any:
        return EntryOutput(self.context["entries"], many=True).data


class ReleaseInput(serializers.Serializer[Any]):
    note = serializers.CharField(
        max_length=MAX_NOTE_CHARACTERS, required=False, allow_blank=True, default=""
    )


class PlaceOutput(serializers.Serializer[Any]):
    id = serializers.IntegerField(source="lesson_id")
    permalink = serializers.CharField()
    title = serializers.CharField()
    section = serializers.CharField()
    position = serializers.IntegerField()
    is_required = serializers.BooleanField()


class MoveOutput(serializers.Serializer[Any]):
    before = PlaceOutput()
    after = PlaceOutput()


class SettingOutput(serializers.Serializer[Any]):
    name = serializers.CharField()
    title = serializers.CharField(source="label", help_text="The name in words.")
    before = serializers.CharField()
    after = serializers.CharField()


class DiffLineOutput(serializers.Serializer[Any]):
    kind = serializers.ChoiceField(choices=[kind.value for kind in LineKind])
    text = serializers.CharField()


class TextOutput(serializers.Serializer[Any]):
    lines = DiffLineOutput(many=True)
    left_out_count = serializers.IntegerField()
    problem = serializers.CharField(help_text="Why there are no lines; empty where there are.")


class FigureChangesOutput(serializers.Serializer[Any]):
    added = serializers.ListField(child=serializers.CharField())
    removed = serializers.ListField(child=serializers.CharField())
    changed = serializers.ListField(child=serializers.CharField())


class ChangeOutput(serializers.Serializer[Any]):
    lesson = PlaceOutput(source="place")
    settings = SettingOutput(many=True)
    text = TextOutput(allow_null=True, help_text="Null where the text did not change.")
    figures = FigureChangesOutput()


class ExampleOutput(serializers.Serializer[Any]):
    name = serializers.CharField()
    before = serializers.IntegerField()
    after = serializers.IntegerField()


class ImpactOutput(serializers.Serializer[Any]):
    follower_count = serializers.IntegerField()
    staying_count = serializers.IntegerField(
        help_text="Learners who stay on the release that they began with."
    )
    moving_count = serializers.IntegerField()
    rising_count = serializers.IntegerField()
    falling_count = serializers.IntegerField()
    finished_count = serializers.IntegerField()
    unfinished_count = serializers.IntegerField()
    examples = ExampleOutput(many=True)


class DifferenceOutput(serializers.Serializer[Any]):
    """A release beside the one before it."""

    lesson_count = serializers.IntegerField()
    required_count = serializers.IntegerField()
    course_settings = SettingOutput(many=True)
    added = PlaceOutput(many=True)
    removed = PlaceOutput(many=True)
    moved = MoveOutput(many=True)
    changed = ChangeOutput(many=True)
    touched = PlaceOutput(
        many=True,
        help_text="Not changed themselves: they bear the course's new title, address, author or"
        " links.",
    )


class ReleaseChangesOutput(DifferenceOutput):
    """What a release changed."""

    number = serializers.IntegerField(source="next_number", min_value=1)
    previous_number = serializers.IntegerField(
        source="number", allow_null=True, help_text="Of the release before it; null for the first."
    )


class ChangesOutput(DifferenceOutput):
    """The newest release beside the one that publishing would make now."""

    number = serializers.IntegerField(
        allow_null=True, help_text="Of the newest release; null before the first."
    )
    next_number = serializers.IntegerField()
    opens = serializers.BooleanField()
    is_nothing = serializers.BooleanField()
    impact = serializers.SerializerMethodField()

    @extend_schema_field(ImpactOutput)
    def get_impact(self, _diff: object) -> Any:
        return ImpactOutput(self.context["impact"]).data
