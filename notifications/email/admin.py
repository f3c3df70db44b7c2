from typing import Any

from django.contrib import admin
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import npgettext

from academy.platform.administration.figures import Figure, counted, list_link, register_card
from academy.platform.administration.pages import ReadOnly
from notifications.email.models import OutgoingMail, State
from notifications.email.selectors import mails_stranded


class StrandedFilter(admin.SimpleListFilter):
    """Mails that nobody will send unless somebody sends them again."""

    title = _("on its way")
    parameter_name = "way"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("stranded", _("Waiting, but given up"))]

    def queryset(
        self, request: HttpRequest, mails: QuerySet[OutgoingMail]
    ) -> QuerySet[OutgoingMail]:
        if self.value() != "stranded":
            return mails
        return mails.filter(pk__in=mails_stranded())


def mails_counted() -> list[Figure]:
    """What waits, what waits in vain, and what mail servers refused."""
    found = OutgoingMail.objects.aggregate(
        waiting=Count("pk", filter=Q(state=State.QUEUED)),
        refused=Count("pk", filter=Q(state=State.FAILED)),
    )
    waiting, refused, stranded = found["waiting"], found["refused"], len(mails_stranded())
    return [
        counted(
            waiting,
            npgettext("mails", "waits", "wait", waiting),
            list_link(OutgoingMail, state__exact=State.QUEUED),
        ),
        counted(
            stranded,
            npgettext("mails", "was given up", "were given up", stranded),
            list_link(OutgoingMail, way="stranded"),
            is_bad=True,
        ),
        counted(
            refused,
            npgettext("mails", "was refused", "were refused", refused),
            list_link(OutgoingMail, state__exact=State.FAILED),
            is_bad=True,
        ),
    ]


register_card("mails", mails_counted, title=_("Mails"), icon="mail", rank=50)


@admin.register(OutgoingMail)
class OutgoingMailAdmin(ReadOnly):
    """Read only and without their text: mails carry links that open other people's accounts."""

    rank = 10
    list_display = ("subject", "to", "state", "reply", "created_at", "ended_at")
    list_filter = ("state", StrandedFilter, "created_at")
    search_fields = ("=id", "subject", "recipients")
    fields = ("id", "sender", "recipients", "subject", "state", "reply", "created_at", "ended_at")
    ordering = ("-created_at",)
    show_full_result_count = False

    @admin.display(description=_("to"))
    def to(self, mail: OutgoingMail) -> str:
        return ", ".join(mail.recipients)
