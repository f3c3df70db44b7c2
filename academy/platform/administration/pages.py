"""What the rooms' `admin.py` is made of: Django's classes in the theme's clothes."""

from typing import TYPE_CHECKING, Any, ClassVar, TypeVar, cast

from django.contrib import messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.utils import model_format_dict
from django.db.models import ForeignKey, Model, QuerySet, URLField
from django.forms import BaseInlineFormSet, ModelForm, model_to_dict
from django.http import HttpRequest
from django.utils.translation import gettext as _

from academy.platform.administration.groups import SELDOM_RANK, USUAL_RANK, DeskGroup
from academy.platform.administration.keys import KeySelect, can_be_key
from academy.platform.administration.lists import DeskList

if TYPE_CHECKING:
    from django.contrib.admin import ModelAdmin as Themed
    from django.contrib.admin import StackedInline
    from django.contrib.admin import TabularInline as ThemedLines
else:
    # The theme comes without types; its classes are Django's with other templates.
    from unfold.admin import ModelAdmin as Themed
    from unfold.admin import StackedInline
    from unfold.admin import TabularInline as ThemedLines

__all__ = ["ModelAdmin", "ReadOnly", "ReadOnlyLines", "StackedInline", "TabularInline"]

_Row = TypeVar("_Row", bound=Model)
_Parent = TypeVar("_Parent", bound=Model)


class OwnChanges(BaseInlineFormSet[_Row, _Parent, ModelForm[_Row]]):
    """Of each row that is there only what the form changed is written.

    Whatever else somebody wrote since it was read is to stay, and so is a deletion. A form that
    sets more than its fields names it in `goes_with`.
    """

    def save_existing(self, form: Any, obj: _Row, commit: bool = True) -> _Row:  # noqa: FBT001, FBT002 - Django's signature
        """The row has what was changed here, and is as it was in all else."""
        if commit:
            names = {*form.changed_data} & model_to_dict(obj).keys()
            names |= {*getattr(form, "goes_with", ())}
            rows = cast(Any, self.model).objects.filter(pk=obj.pk)
            rows.update(**{name: getattr(obj, name) for name in names})
        return obj


def _chosen(rows: Any, db_field: ForeignKey[Any, Any], request: HttpRequest) -> dict[str, Any]:
    if db_field.name not in rows.get_autocomplete_fields(request):
        return {}
    return {"widget": KeySelect(db_field, rows.admin_site)}


class TabularInline(ThemedLines[_Row, _Parent]):
    """Rows under another one, to be written."""

    formset: Any = OwnChanges

    def formfield_for_foreignkey(
        self, db_field: ForeignKey[Any, Any], request: HttpRequest, **kwargs: Any
    ) -> Any:
        """The field that chooses a row."""
        return super().formfield_for_foreignkey(
            db_field, request, **{**_chosen(self, db_field, request), **kwargs}
        )


class ModelAdmin(Themed[_Row]):
    """Rows that are to be written.

    `group` is where they stand on the home, None: where their app does; lower `rank` comes first.
    Rows of `gone_with` are nobody's to delete by themselves, and go with the one they belong to.
    An action is done to `at_once` rows at most, for it happens while somebody waits; None: each
    action has a limit of its own.
    """

    group: ClassVar[DeskGroup | None] = None
    rank: ClassVar[int] = USUAL_RANK
    gone_with: ClassVar[tuple[type[Model], ...]] = ()
    at_once: ClassVar[int | None] = 100
    # The theme's rows take 4 ms each.
    list_per_page = 50

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """What goes with the rows, and what the person may not delete of it."""
        to_delete, counts, needed, protected = super().get_deleted_objects(objs, request)
        named = {model_format_dict(model)["verbose_name"] for model in self.gone_with}
        return to_delete, counts, needed - named, protected

    def log_change(self, request: HttpRequest, obj: _Row, message: Any) -> Any:
        """The log has what was changed, and of rows beside it not whom they name."""
        for part in message if isinstance(message, list) else ():
            for told in part.values():
                if "object" in told:
                    told["object"] = "…"
        return super().log_change(request, obj, message)

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """The field, where addresses without a scheme are taken as `https:`."""
        if isinstance(db_field, URLField):
            kwargs.setdefault("assume_scheme", "https")
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def formfield_for_foreignkey(
        self, db_field: ForeignKey[Any, Any], request: HttpRequest, **kwargs: Any
    ) -> Any:
        """The field that chooses a row."""
        return super().formfield_for_foreignkey(
            db_field, request, **{**_chosen(self, db_field, request), **kwargs}
        )

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> Any:
        """The class of the list."""
        return DeskList

    def get_ordering(self, request: HttpRequest) -> Any:
        """An order, always: without one, a row may stand on two pages of a list or on none."""
        return super().get_ordering(request) or self.opts.ordering or ("-pk",)

    def response_action(self, request: HttpRequest, queryset: QuerySet[_Row]) -> Any:
        """The action is done to the rows chosen; what can be no row's key is not chosen."""
        if self._are_too_many(request, queryset):
            text = _("Choose at most %(n)d rows at once: nothing was done.") % {"n": self.at_once}
            self.message_user(request, text, messages.ERROR)
            return None
        given = request.POST.copy()
        chosen = [key for key in given.getlist(ACTION_CHECKBOX_NAME) if can_be_key(self.model, key)]
        given.setlist(ACTION_CHECKBOX_NAME, chosen)
        cast(Any, request).POST = given
        return super().response_action(request, queryset)

    def _are_too_many(self, request: HttpRequest, found: QuerySet[_Row]) -> bool:
        """Whether all rows found are chosen, and are more than may be."""
        names = request.POST.getlist("action")
        if self.at_once is None or request.POST.get("select_across") in {None, "", "0"}:
            return False
        # Deleting asks first, and is one statement for all of them.
        return "delete_selected" not in names and found[: self.at_once + 1].count() > self.at_once


class ReadOnly(ModelAdmin):  # type: ignore[type-arg]
    """Rows that are to be looked at: an edit here would break what they promise."""

    rank = SELDOM_RANK

    def has_add_permission(self, request: HttpRequest, *_: Any) -> bool:
        """Nobody adds one here."""
        return False

    def has_change_permission(self, request: HttpRequest, *_: Any) -> bool:
        """Nobody changes one here."""
        return False

    def has_delete_permission(self, request: HttpRequest, *_: Any) -> bool:
        """Nobody deletes one here."""
        return False


class ReadOnlyLines(TabularInline):  # type: ignore[type-arg]
    """Rows under another one, to be looked at."""

    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, *_: Any) -> bool:
        """Nobody adds one here."""
        return False

    def has_change_permission(self, request: HttpRequest, *_: Any) -> bool:
        """Nobody changes one here."""
        return False
