"""What enrolments look like to programs."""

from typing import Any, Final

from drf_spectacular.utils import OpenApiParameter, extend_schema_field
from rest_framework import serializers

from learning.courses.paths import course_path
from learning.enrolments.dates import State
from learning.enrolments.models import (
    Cohort,
    DripOverride,
    DripRule,
    Enrolment,
    EnrolmentKey,
    EnrolmentListLine,
)
from learning.enrolments.selectors import StatedEnrolment, ends_at, line_sentence
from learning.enrolments.services.drip import MAX_RULE_DAYS, MAX_RULES
from learning.enrolments.services.keys import MAX_KEY_CHARACTERS, MAX_USES
from learning.enrolments.shown import course_read

ID: Final[dict[str, Any]] = {"min_value": 1, "max_value": 2**63 - 1}
IDEMPOTENCY_KEY: Final = OpenApiParameter(
    "Idempotency-Key", str, OpenApiParameter.HEADER, required=False
)


class CourseLinkOutput(serializers.Serializer[Any]):
    id = serializers.IntegerField(source="course_id")
    slug = serializers.CharField(source="course.slug")
    title = serializers.SerializerMethodField(help_text="In the release that the learner reads.")
    url = serializers.SerializerMethodField()

    def get_title(self, enrolment: Enrolment) -> str:
        return course_read(enrolment).title

    def get_url(self, enrolment: Enrolment) -> str:
        return course_path(enrolment.course.slug)


class LearnerOutput(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    name = serializers.CharField(source="__str__")
    username = serializers.CharField()
    email = serializers.CharField()


class CohortLinkOutput(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    name = serializers.CharField()
    starts_at = serializers.DateTimeField(allow_null=True)
    ends_at = serializers.DateTimeField(allow_null=True)


class EnrolmentOutput(serializers.Serializer[Any]):
    """A person in a course.

    `state` is what it is at this moment, `status` what people made of it. `ends_at` is the first
    of `expires_at` and the cohort's end. `is_barred`: only an instructor lets them in again.
    """

    id = serializers.IntegerField()
    course = CourseLinkOutput(source="*")
    learner = LearnerOutput(source="person")
    status = serializers.ChoiceField(choices=Enrolment.Status.choices)
    state = serializers.ChoiceField(choices=State.choices)
    origin = serializers.ChoiceField(choices=Enrolment.Source.choices, source="source")
    cohort = CohortLinkOutput(allow_null=True)
    release = serializers.SerializerMethodField(help_text="The number of the one they began with.")
    is_barred = serializers.BooleanField()
    started_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField(allow_null=True)
    ends_at = serializers.SerializerMethodField()

    @extend_schema_field(serializers.IntegerField(allow_null=True))
    def get_release(self, enrolment: StatedEnrolment) -> int | None:
        return enrolment.release.number if enrolment.release else None

    @extend_schema_field(serializers.DateTimeField(allow_null=True))
    def get_ends_at(self, enrolment: StatedEnrolment) -> Any:
        at = ends_at(enrolment)
        return None if at is None else serializers.DateTimeField().to_representation(at)


class KeyInput(serializers.Serializer[Any]):
    key = serializers.CharField(required=False, allow_blank=True, default="", max_length=200)


class CourseKeyInput(serializers.Serializer[Any]):
    course = serializers.CharField(max_length=100, help_text="Its address, or its id.")
    key = serializers.CharField(max_length=200)


class NewEnrolmentInput(serializers.Serializer[Any]):
    person = serializers.CharField(max_length=254, help_text="E-mail address or user name.")
    cohort = serializers.IntegerField(required=False, allow_null=True, default=None, **ID)
    expires_at = serializers.DateTimeField(required=False, allow_null=True, default=None)


class EnrolmentChangeInput(serializers.Serializer[Any]):
    """Only what is sent changes."""

    status = serializers.ChoiceField(choices=Enrolment.Status.choices, required=False)
    cohort = serializers.IntegerField(required=False, allow_null=True, **ID)
    expires_at = serializers.DateTimeField(required=False, allow_null=True)
    release = serializers.IntegerField(
        required=False, min_value=1, max_value=2**31 - 1, help_text="The number of a release."
    )


class CohortInput(serializers.ModelSerializer[Cohort]):
    name = serializers.CharField(max_length=120)

    class Meta:
        model = Cohort
        fields = ("name", "starts_at", "ends_at")
        # The service tells a name that is taken from one that is not, whoever comes first.
        validators: tuple[Any, ...] = ()


class CohortOutput(CohortLinkOutput):
    learner_count = serializers.IntegerField(min_value=0)


class NewKeyInput(serializers.Serializer[Any]):
    """Without `key` one is drawn by lot."""

    key = serializers.CharField(
        required=False, allow_blank=True, default="", max_length=MAX_KEY_CHARACTERS
    )
    cohort = serializers.IntegerField(required=False, allow_null=True, default=None, **ID)
    max_uses = serializers.IntegerField(
        required=False, allow_null=True, default=None, min_value=1, max_value=MAX_USES
    )
    expires_at = serializers.DateTimeField(required=False, allow_null=True, default=None)


class KeyOutput(serializers.ModelSerializer[EnrolmentKey]):
    """`is_good`: it opens the course at this moment."""

    cohort = CohortLinkOutput(allow_null=True)
    created_by = serializers.SerializerMethodField()
    is_good = serializers.BooleanField()

    class Meta:
        model = EnrolmentKey
        fields = (
            "id",
            "key",
            "cohort",
            "max_uses",
            "uses",
            "expires_at",
            "revoked_at",
            "created_by",
            "created_at",
            "is_good",
        )

    def get_created_by(self, key: EnrolmentKey) -> str:
        return str(key.created_by) if key.created_by else ""


class ListInput(serializers.Serializer[Any]):
    """The list as text; the same may be sent as `text/csv`."""

    csv = serializers.CharField(trim_whitespace=False, allow_blank=True)


class ListOutput(serializers.Serializer[Any]):
    """A list of people; `task_id` is its job. Counts are 0 and `line_count` null until it is read."""

    id = serializers.UUIDField()
    task_id = serializers.UUIDField(source="job_id", allow_null=True)
    sent_by = serializers.SerializerMethodField()
    sent_at = serializers.DateTimeField()
    done_at = serializers.DateTimeField(allow_null=True)
    line_count = serializers.IntegerField(allow_null=True)
    enrolled_count = serializers.IntegerField()
    already_count = serializers.IntegerField()
    refused_count = serializers.IntegerField()
    waiting_count = serializers.IntegerField()

    def get_sent_by(self, kept: Any) -> str:
        return str(kept.sent_by) if kept.sent_by else ""


class LineOutput(serializers.ModelSerializer[EnrolmentListLine]):
    """A line as it was written, and what became of it."""

    detail = serializers.SerializerMethodField()
    enrolment = serializers.IntegerField(source="enrolment_id", allow_null=True)

    class Meta:
        model = EnrolmentListLine
        fields = (
            "number",
            "who",
            "cohort_name",
            "expires",
            "outcome",
            "code",
            "detail",
            "enrolment",
        )

    def get_detail(self, line: EnrolmentListLine) -> str:
        return line_sentence(line)


class RuleInput(serializers.Serializer[Any]):
    """`after_days` needs `days`, `on_date` needs `opens_at`, `after_lesson` needs `after`."""

    kind = serializers.ChoiceField(choices=DripRule.Kind.choices)
    days = serializers.IntegerField(
        required=False, allow_null=True, default=None, min_value=0, max_value=MAX_RULE_DAYS
    )
    opens_at = serializers.DateTimeField(required=False, allow_null=True, default=None)
    after = serializers.CharField(
        required=False,
        allow_null=True,
        default=None,
        max_length=170,
        help_text="The permalink of another lesson of the course.",
    )


class RulesInput(serializers.Serializer[Any]):
    rules = serializers.ListField(child=RuleInput(), max_length=MAX_RULES)


class OverrideInput(serializers.Serializer[Any]):
    """For one enrolment, or for one cohort; `opens_at` null opens the lesson at once."""

    enrolment = serializers.IntegerField(required=False, allow_null=True, default=None, **ID)
    cohort = serializers.IntegerField(required=False, allow_null=True, default=None, **ID)
    opens_at = serializers.DateTimeField(allow_null=True)


class RuleOutput(serializers.Serializer[Any]):
    kind = serializers.ChoiceField(choices=DripRule.Kind.choices)
    days = serializers.IntegerField(allow_null=True)
    opens_at = serializers.DateTimeField(allow_null=True)
    after = serializers.SerializerMethodField()

    @extend_schema_field(serializers.CharField(allow_null=True))
    def get_after(self, rule: DripRule) -> str | None:
        return rule.after.permalink if rule.after else None


class OverrideOutput(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    enrolment = serializers.IntegerField(source="enrolment_id", allow_null=True)
    cohort = serializers.IntegerField(source="cohort_id", allow_null=True)
    who = serializers.SerializerMethodField()
    opens_at = serializers.DateTimeField(allow_null=True)

    def get_who(self, override: DripOverride) -> str:
        if override.enrolment is not None:
            return str(override.enrolment.person)
        return str(override.cohort) if override.cohort else ""


class OpeningOutput(serializers.Serializer[Any]):
    """When a lesson opens: all rules must hold; an exception goes before them."""

    lesson = serializers.CharField()
    rules = RuleOutput(many=True)
    overrides = OverrideOutput(many=True)
