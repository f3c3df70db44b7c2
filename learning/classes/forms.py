"""What people fill in on the pages of a class."""

from datetime import datetime
from typing import Any, Final

from django import forms
from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from academy.platform.errors import AcademyError
from learning.courses.models import Course
from learning.enrolments.errors import DateUnusableError
from learning.enrolments.models import Cohort
from learning.enrolments.services.drip import MAX_RULE_DAYS
from learning.lessons.models import READING_ORDER, Lesson
from learning.releases.models import Release

_MOMENT_FORMAT: Final = "%Y-%m-%dT%H:%M"
_MOST_USES: Final = 1_000_000
_AT_ONCE: Final = gettext_lazy("Empty: at once.")


class Moment(forms.DateTimeField):
    """A date and a time in the person's own time zone."""

    def __init__(self, *, label: Any, help_text: Any = "") -> None:
        widget = forms.DateTimeInput(format=_MOMENT_FORMAT, attrs={"type": "datetime-local"})
        super().__init__(label=label, required=False, widget=widget, help_text=help_text)
        self.stored: datetime | None = None
        self.seen: str | None = None

    def clean(self, value: Any) -> Any:
        """What was not changed stays to the second, also in the hour that a clock shows twice."""
        if value == (self.shown(self.stored) if self.seen is None else self.seen):
            return self.stored
        return super().clean(value)

    def shown(self, at: datetime | None) -> str:
        """The moment as the page has it, and sends it back unless somebody writes another."""
        return self.widget.format_value(self.prepare_value(at)) or ""

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return {**super().widget_attrs(widget), "max": "2999-12-31T23:59"}


class CourseForm(forms.Form):
    """A form whose choices are of one course.

    Where it `changes` a row, its page tells what it showed (`seen`), so that whoever sends it
    changes what they wrote themselves (`written`), and not what somebody else wrote since.
    """

    changes = False

    def __init__(self, course: Course, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        zone = _("Time zone: %(zone)s.") % {"zone": timezone.get_current_timezone_name()}
        for name, field in self.fields.items():
            field.widget.attrs.setdefault("dir", "auto")
            if isinstance(field, Moment):
                field.stored = self.initial.get(name)
                field.seen = self.data.get(f"seen-{name}")
                field.help_text = f"{field.help_text} {zone}".strip()
            elif isinstance(field, forms.ModelChoiceField) and field.queryset is not None:
                field.queryset = field.queryset.filter(course=course)

    @property
    def seen(self) -> list[tuple[str, str]]:
        """Names and values of the hidden fields that tell what the page showed."""
        return [
            (f"seen-{name}", self.data.get(f"seen-{name}", self._shown(name)))
            for name in self.fields
            if self.changes and name in self.initial
        ]

    def written(self) -> list[str]:
        """The fields that whoever sent this, which is valid, wants to be another."""
        return [
            name
            for name, value in self.cleaned_data.items()
            if name not in self._untouched() and value != self.initial.get(name)
        ]

    def clean(self) -> dict[str, Any]:
        """What nobody touched is as it is now."""
        kept = {name: self.initial.get(name) for name in self._untouched()}
        return {**self.cleaned_data, **kept}

    def _untouched(self) -> list[str]:
        return [
            name
            for name in self.fields
            if self.changes and self.data.get(f"seen-{name}") == self.data.get(name, "")
        ]

    def _shown(self, name: str) -> str:
        field, value = self.fields[name], self.initial[name]
        if isinstance(field, Moment):
            return field.shown(value)
        shown = field.prepare_value(value)
        return "" if shown is None else str(shown)

    def refuse(self, error: AcademyError) -> None:
        """The refusal of a service stands beside the field that it is about."""
        self.add_error(error.attr if error.attr in self.fields else None, str(error))


class EnrolForm(CourseForm):
    who = forms.CharField(
        label=gettext_lazy("E-mail address or user name"),
        max_length=254,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    cohort = forms.ModelChoiceField(
        Cohort.objects.all(),
        label=gettext_lazy("Cohort"),
        required=False,
        empty_label=gettext_lazy("No cohort"),
    )


class RescheduleForm(CourseForm):
    changes = True
    cohort = forms.ModelChoiceField(
        Cohort.objects.all(),
        label=gettext_lazy("Cohort"),
        required=False,
        empty_label=gettext_lazy("No cohort"),
    )
    expires_at = Moment(label=gettext_lazy("Ends"))


class ReleaseChoice(forms.ModelChoiceField[Release]):
    """Releases by number and date."""

    def label_from_instance(self, obj: Any) -> str:
        published = formats.date_format(timezone.localtime(obj.published_at), "DATE_FORMAT")
        return _("Release %(number)s of %(date)s") % {"number": obj.number, "date": published}


class MoveForm(CourseForm):
    release = ReleaseChoice(
        Release.objects.order_by("-number").only("number", "published_at", "course_id"),
        label=gettext_lazy("Release"),
        empty_label=None,
    )


class LessonForm(CourseForm):
    lesson = forms.ModelChoiceField(
        Lesson.objects.order_by(*READING_ORDER).only("title", "slug", "course_id"),
        to_field_name="slug",
        label=gettext_lazy("Lesson"),
        empty_label=None,
    )


class OverrideForm(LessonForm):
    opens_at = Moment(label=gettext_lazy("Opens"), help_text=_AT_ONCE)


class RulesForm(CourseForm):
    """When a lesson opens for everybody; what is left empty asks for nothing."""

    days = forms.IntegerField(
        label=gettext_lazy("Days after the start"),
        required=False,
        min_value=0,
        max_value=MAX_RULE_DAYS,
        help_text=gettext_lazy("The learner's start, or their cohort's where that is later."),
    )
    opens_at = Moment(label=gettext_lazy("Not before"))
    after = forms.ModelMultipleChoiceField(
        Lesson.objects.order_by(*READING_ORDER).only("title", "slug", "course_id"),
        to_field_name="slug",
        label=gettext_lazy("When these lessons are completed"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("Nobody waits for a lesson that their release does not have."),
    )

    def __init__(self, lesson: Lesson, *args: Any, **kwargs: Any) -> None:
        super().__init__(lesson.course, *args, **kwargs)
        others = self.fields["after"]
        assert isinstance(others, forms.ModelMultipleChoiceField)
        assert others.queryset is not None
        others.queryset = others.queryset.exclude(pk=lesson.pk)

    def refuse(self, error: AcademyError) -> None:
        """Only a date, or the lessons that are waited for, are left for the service to refuse."""
        is_date = isinstance(error, DateUnusableError)
        self.add_error("opens_at" if is_date else "after", str(error))


class CohortOverrideForm(CourseForm):
    """Beside `RulesForm` on a page: its fields have ids of their own."""

    cohort = forms.ModelChoiceField(
        Cohort.objects.all(),
        label=gettext_lazy("Cohort"),
        empty_label=gettext_lazy("Choose a cohort"),
    )
    opens_at = Moment(label=gettext_lazy("Opens"), help_text=_AT_ONCE)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, auto_id="for_%s", **kwargs)


class CohortForm(CourseForm):
    changes = True
    name = forms.CharField(label=gettext_lazy("Name"), max_length=120)
    starts_at = Moment(label=gettext_lazy("Starts"))
    ends_at = Moment(label=gettext_lazy("Ends"))


class KeyForm(CourseForm):
    key = forms.CharField(
        label=gettext_lazy("Key"),
        max_length=64,
        required=False,
        help_text=gettext_lazy("Empty: one is drawn by lot."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    cohort = forms.ModelChoiceField(
        Cohort.objects.all(),
        label=gettext_lazy("Into the cohort"),
        required=False,
        empty_label=gettext_lazy("No cohort"),
    )
    max_uses = forms.IntegerField(
        label=gettext_lazy("For at most so many people"),
        required=False,
        min_value=1,
        max_value=_MOST_USES,
        help_text=gettext_lazy("Empty: no limit."),
    )
    expires_at = Moment(label=gettext_lazy("Good until"))


class ListForm(CourseForm):
    file = forms.FileField(
        label=gettext_lazy("CSV file"),
        required=False,
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,text/csv,text/plain"}),
    )
    text = forms.CharField(
        label=gettext_lazy("Or paste the lines"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 6, "spellcheck": "false"}),
    )
