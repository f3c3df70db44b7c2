"""What the API says of progress."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from learning.enrolments.dates import State
from learning.progress.models import ProgressEvent
from learning.progress.selectors import resume_document
from learning.progress.services.recording import MAX_EVENTS

TOLD = (
    ProgressEvent.Kind.OPENED,
    ProgressEvent.Kind.CHECKPOINT,
    ProgressEvent.Kind.COMPLETED,
    ProgressEvent.Kind.REOPENED,
)


TOLD_CHOICES = [(kind.value, kind.label) for kind in TOLD]


class CheckpointOutput(serializers.Serializer[Any]):
    anchor = serializers.CharField(help_text="The heading above; empty: none")
    fraction = serializers.FloatField(help_text="How far down the page, 0 to 1")


class CompletionRuleOutput(serializers.Serializer[Any]):
    rule = serializers.CharField()
    sentence = serializers.CharField()
    remaining_seconds = serializers.IntegerField(
        min_value=0, allow_null=True, help_text="Of reading; null where no time is missing"
    )


class CompletionRulesOutput(serializers.Serializer[Any]):
    met = CompletionRuleOutput(many=True)
    missing = CompletionRuleOutput(many=True)


class LessonProgressOutput(serializers.Serializer[Any]):
    lesson = serializers.CharField(help_text="Permalink")
    title = serializers.CharField()
    url = serializers.CharField()
    section = serializers.CharField()
    number = serializers.IntegerField(min_value=1)
    is_required = serializers.BooleanField(help_text="Whether it counts")
    is_open = serializers.BooleanField()
    opens_at = serializers.DateTimeField(allow_null=True)
    opening = serializers.CharField(help_text="What a lesson waits for that is not open")
    state = serializers.ChoiceField(choices=["new", "opened", "completed"])
    opened_at = serializers.DateTimeField(allow_null=True)
    completed_at = serializers.DateTimeField(allow_null=True)
    checkpoint = CheckpointOutput(allow_null=True)
    seconds = serializers.IntegerField(min_value=0, help_text="Of reading")
    rules = CompletionRulesOutput()


class ResumeOutput(serializers.Serializer[Any]):
    lesson = serializers.CharField(help_text="Permalink")
    title = serializers.CharField()
    url = serializers.CharField()
    anchor = serializers.CharField()
    fraction = serializers.FloatField()


class FiguresOutput(serializers.Serializer[Any]):
    seq = serializers.IntegerField(min_value=0)
    percent = serializers.IntegerField(min_value=0, max_value=100)
    completed_count = serializers.IntegerField(min_value=0)
    required_count = serializers.IntegerField(min_value=0)


class ProgressOutput(FiguresOutput):
    course_id = serializers.IntegerField()
    course = serializers.CharField(help_text="The course's slug")
    title = serializers.CharField()
    release = serializers.IntegerField(allow_null=True, help_text="The number of the one read")
    completed_at = serializers.DateTimeField(allow_null=True)
    last_active_at = serializers.DateTimeField(allow_null=True)
    resume = ResumeOutput(allow_null=True)
    lessons = LessonProgressOutput(many=True)


class MyProgressOutput(serializers.Serializer[Any]):
    course_id = serializers.IntegerField()
    course = serializers.CharField(source="slug", help_text="The course's slug")
    title = serializers.CharField()
    url = serializers.CharField()
    percent = serializers.IntegerField(min_value=0, max_value=100)
    completed_count = serializers.IntegerField(min_value=0)
    required_count = serializers.IntegerField(min_value=0)
    last_active_at = serializers.DateTimeField(allow_null=True)
    resume = serializers.SerializerMethodField()

    @extend_schema_field(ResumeOutput(allow_null=True))
    def get_resume(self, course: Any) -> Any:
        return resume_document(course.resume)


class EventInput(serializers.Serializer[Any]):
    id = serializers.UUIDField(
        help_text="Made by the client for this event alone; the same event again changes nothing"
    )
    kind = serializers.ChoiceField(choices=TOLD_CHOICES)
    lesson = serializers.CharField(max_length=200, help_text="Permalink")
    at = serializers.DateTimeField(
        required=False, allow_null=True, help_text="When it happened; missing or null: now"
    )
    # A field by this name hides nothing: the REST framework takes fields off their class.
    data = serializers.DictField(  # type: ignore[assignment]
        required=False, help_text="Of a checkpoint: `anchor`, and `fraction` from 0 to 1"
    )


@extend_schema_field(EventInput)
class EventField(serializers.DictField):
    """Any object: each event is read by itself, so that a bad one stops no other."""


class EventsInput(serializers.Serializer[Any]):
    events = serializers.ListField(child=EventField(), min_length=1, max_length=MAX_EVENTS)


class OutcomeOutput(serializers.Serializer[Any]):
    id = serializers.UUIDField(
        source="event_id",
        allow_null=True,
        help_text="Null for an event without a usable id; outcomes stand in the events' order",
    )
    accepted = serializers.BooleanField()
    replayed = serializers.BooleanField(help_text="Told before: nothing changed")
    code = serializers.CharField(help_text="Why it was refused; empty: it was not")
    detail = serializers.CharField()


class OutcomesOutput(FiguresOutput):
    outcomes = OutcomeOutput(many=True)


class ClassLearnerOutput(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    enrolment_id = serializers.IntegerField()
    name = serializers.CharField()


class LearnerProgressOutput(FiguresOutput):
    learner = ClassLearnerOutput()
    state = serializers.ChoiceField(choices=State.choices)
    last_lesson = serializers.CharField(allow_null=True, help_text="Permalink")
    last_lesson_title = serializers.CharField()
    last_active_at = serializers.DateTimeField(allow_null=True)


class CompletionInput(serializers.Serializer[Any]):
    lesson = serializers.CharField(max_length=200, help_text="Permalink")
    action = serializers.ChoiceField(choices=["complete", "reopen"])
