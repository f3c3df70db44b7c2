"""The forms in which operators write people: what would lock somebody out is refused there."""

from typing import Any, ClassVar, cast

from django.contrib.auth.forms import AdminUserCreationForm, UserChangeForm
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext_lazy as _

from academy.accounts.errors import AccountGoneError, OwnAccountError
from academy.accounts.leaving import obstacles_of
from academy.accounts.models import Role, User
from academy.accounts.selectors import is_anonymised, is_username_taken
from academy.accounts.services import operator_spare
from academy.platform.errors import AcademyError


class OwnNameMixin:
    """Nobody's user name is an address of somebody else, who would be kept from signing in by it."""

    def clean(self) -> dict[str, Any]:
        form = cast(Any, self)
        cleaned: dict[str, Any] = cast(Any, super()).clean() or form.cleaned_data
        name, own = str(cleaned.get("username") or ""), str(cleaned.get("email") or "")
        is_new = not {"username", "email"}.isdisjoint(form.changed_data)
        if is_new and _is_address(name) and name.lower() != own.lower():
            form.add_error(
                "username", _("A user name that is an e-mail address has to be the person's own.")
            )
        if "username" in form.changed_data and is_username_taken(name, but=form.instance.pk):
            form.add_error("username", _("A user with that username already exists."))
        return cleaned


def _is_address(text: str) -> bool:
    try:
        validate_email(text)
    except ValidationError:
        return False
    return True


class PersonCreationForm(OwnNameMixin, AdminUserCreationForm):
    class Meta:
        model = User
        fields = ("username", "email", "display_name", "role")


class PersonChangeForm(OwnNameMixin, UserChangeForm[User]):
    operator_id: ClassVar[int | None] = None

    class Meta:
        model = User
        exclude = ("groups", "user_permissions")

    def clean_role(self) -> str:
        role = str(self.cleaned_data["role"])
        needs = obstacles_of(self.instance.pk) if role == Role.LEARNER else ()
        if needs and "role" in self.changed_data:
            text = _("The courses have to be handed over first. The owner is told: “%(needs)s”")
            raise ValidationError(text % {"needs": " ".join(needs)})
        return role

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if is_anonymised(self.instance):
            raise ValidationError(str(AccountGoneError()))
        if self.instance.pk == self.operator_id and not cleaned.get("is_active"):
            self.add_error("is_active", str(OwnAccountError()))
        if "time_zone" in self.changed_data:
            self.instance.time_zone_chosen = True
        if cleaned.get("role") != Role.OPERATOR or not cleaned.get("is_active"):
            try:
                operator_spare(person_id=self.instance.pk)
            except AcademyError as error:
                raise ValidationError(str(error)) from error
        return cleaned
