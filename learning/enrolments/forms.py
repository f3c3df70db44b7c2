"""Forms of the pages on which people enrol themselves."""

from django import forms
from django.utils.translation import gettext_lazy as _

from learning.enrolments.services.keys import MAX_KEY_CHARACTERS

_KEY_ATTRIBUTES = {"autocomplete": "off", "autocapitalize": "none", "dir": "auto"}


class KeyForm(forms.Form):
    """A key, where it is needed."""

    key = forms.CharField(
        label=_("Enrolment key"),
        max_length=MAX_KEY_CHARACTERS,
        required=False,
        widget=forms.TextInput(_KEY_ATTRIBUTES),
    )


class CourseKeyForm(forms.Form):
    """A course that shows itself to enrolled people only, and a key to it."""

    course = forms.CharField(
        label=_("Course"),
        max_length=80,
        help_text=_("The last part of its address, as you were told it."),
        widget=forms.TextInput({"autocapitalize": "none", "dir": "ltr"}),
    )
    key = forms.CharField(
        label=_("Enrolment key"),
        max_length=MAX_KEY_CHARACTERS,
        widget=forms.TextInput(_KEY_ATTRIBUTES),
    )
