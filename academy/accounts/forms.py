"""What people type on account pages."""

from typing import Any, Final

from django import forms
from django.conf import settings
from django.contrib.auth.password_validation import (
    validate_password,
)
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy

from academy.accounts.models import User, validate_name
from academy.accounts.zones import zone_proposed, zones

_PASSWORD_CHARACTERS: Final = 1024
_CODE_CHARACTERS: Final = 32


def _password(label: Any, *, autocomplete: str, **more: Any) -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=_PASSWORD_CHARACTERS,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": autocomplete}),
        **more,
    )


def _new_password() -> forms.CharField:
    field = _password(gettext_lazy("New password"), autocomplete="new-password")
    field.help_text = gettext_lazy("At least 8 characters that nobody would guess.")
    return field


def _own_password() -> forms.CharField:
    return _password(gettext_lazy("Your password"), autocomplete="current-password")


def _code(label: Any) -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=_CODE_CHARACTERS,
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "inputmode": "numeric", "spellcheck": "false"}
        ),
    )


def _address(label: Any) -> forms.EmailField:
    return forms.EmailField(
        label=label,
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email", "autocapitalize": "none"}),
    )


class ZoneField(forms.Field):
    """What the browser's script says of its time zone: a zone, or empty for any rubbish."""

    widget = forms.HiddenInput(attrs={"data-zone": "", "autocomplete": "off"})

    def __init__(self) -> None:
        super().__init__(required=False)

    def clean(self, value: object) -> str:
        return zone_proposed(value)


class SignInForm(forms.Form):
    username = forms.CharField(
        label=gettext_lazy("User name or e-mail address"),
        max_length=254,
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none"}),
    )
    password = _password(gettext_lazy("Password"), autocomplete="current-password")
    time_zone = ZoneField()


class CodeForm(forms.Form):
    code = _code(gettext_lazy("Code from your app, or a recovery code"))


class SignUpForm(forms.Form):
    display_name = forms.CharField(
        label=gettext_lazy("Name shown to others"),
        max_length=120,
        validators=[validate_name],
        widget=forms.TextInput(attrs={"autocomplete": "name", "dir": "auto"}),
    )
    email = _address(gettext_lazy("E-mail address"))
    password = _new_password()
    time_zone = ZoneField()

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or self.cleaned_data
        if "password" in given:
            person = User(email=given.get("email", ""), display_name=given.get("display_name", ""))
            _require_strong(self, given["password"], person)
        return given


class AddressForm(forms.Form):
    email = _address(gettext_lazy("E-mail address"))


class NewPasswordForm(forms.Form):
    password = _new_password()


class PasswordChangeForm(forms.Form):
    own_password = _own_password()
    password = _new_password()


class AddressChangeForm(forms.Form):
    email = _address(gettext_lazy("New e-mail address"))
    own_password = _own_password()


class FactorOnForm(forms.Form):
    code = _code(gettext_lazy("The code that your app shows"))
    own_password = _own_password()


class ConfirmForm(forms.Form):
    """Password, and the code where there is a second factor."""

    own_password = _own_password()
    code = _code(gettext_lazy("Code from your app, or a recovery code"))

    def __init__(self, data: Any = None, *, second_factor: bool) -> None:
        super().__init__(data)
        if not second_factor:
            del self.fields["code"]


class ProfileForm(forms.Form):
    display_name = forms.CharField(
        label=gettext_lazy("Name shown to others"),
        max_length=120,
        required=False,
        validators=[validate_name],
        widget=forms.TextInput(attrs={"autocomplete": "name", "dir": "auto"}),
    )
    language = forms.ChoiceField(label=gettext_lazy("Language"))
    time_zone = forms.ChoiceField(label=gettext_lazy("Time zone"))

    def __init__(self, data: Any = None, *, person: User) -> None:
        own = {name: getattr(person, name) for name in ("display_name", "language", "time_zone")}
        super().__init__(data, initial=own)
        languages: Any = self.fields["language"]
        languages.choices = settings.LANGUAGES
        time_zones: Any = self.fields["time_zone"]
        # Whoever has another name of a zone keeps it until they choose.
        names = dict.fromkeys([*zones(), person.time_zone])
        time_zones.choices = [(zone, zone.replace("_", " ")) for zone in names]


def _require_strong(form: forms.Form, password: str, person: User) -> None:
    try:
        validate_password(password, person)
    except ValidationError as error:
        form.add_error("password", error)
