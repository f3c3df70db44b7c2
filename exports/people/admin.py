from django.contrib import admin

from academy.platform.administration.pages import ReadOnly
from exports.people.models import PersonPortrait


@admin.register(PersonPortrait)
class PersonPortraitAdmin(ReadOnly):
    """Read only: that a file was made is an operator's business, what is in it is not."""

    rank = 30
    list_display = ("person", "generated_at")
    list_select_related = ("person",)
    search_fields = ("person__username", "person__email")
    fields = ("person", "generated_at")
    ordering = ("-generated_at",)
