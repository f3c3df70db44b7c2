from collections.abc import Callable, Iterable
from typing import Any, Final

from django.contrib import admin, messages
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, npgettext

from academy.platform.administration.figures import Figure, counted, list_link, register_card
from academy.platform.administration.pages import ReadOnly
from academy.platform.errors import AcademyError
from notifications.email.models import OutgoingMail, State
from notifications.email.selectors import mails_stranded
from notifications.email.services import mail_resend, mail_resend_require

# Each has a line on the page that asks, and is looked at for itself.
MAX_MAILS_AT_ONCE: Final = 100


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
    at_once = None
    list_display = ("subject", "to", "state", "reply", "created_at", "ended_at")
    list_filter = ("state", StrandedFilter, "created_at")
    search_fields = ("=id", "subject", "recipients")
    fields = ("id", "sender", "recipients", "subject", "state", "reply", "created_at", "ended_at")
    ordering = ("-created_at",)
    show_full_result_count = False
    actions = ("send_again",)

    @admin.action(description=_("Send again"), permissions=["view"])
    def send_again(
        self, request: HttpRequest, mails: QuerySet[OutgoingMail]
    ) -> HttpResponse | None:
        chosen = list(mails[: MAX_MAILS_AT_ONCE + 1])
        if len(chosen) > MAX_MAILS_AT_ONCE:
            text = _("Send at most %d mails again at once.") % MAX_MAILS_AT_ONCE
            self.message_user(request, text, messages.ERROR)
            return None
        if "confirmed" in request.POST:
            done = self._each(request, chosen, lambda mail: mail_resend(mail_id=mail.pk))
            text = ngettext(
                "%(count)d mail is on its way again.", "%(count)d mails are on their way again.",
                len(done),
            )  # fmt: skip
            self.message_user(request, text % {"count": len(done)}, messages.SUCCESS)
            return None
        good = self._each(request, chosen, lambda mail: mail_resend_require(mail=mail))
        if not good:
            return None
        context = {
            **self.admin_site.each_context(request),
            "title": _("Send mails again"),
            "mails": good,
        }
        return TemplateResponse(
            request, "admin/notifications/outgoingmail/send_again.html", context
        )

    def _each(
        self,
        request: HttpRequest,
        mails: Iterable[OutgoingMail],
        act: Callable[[OutgoingMail], object],
    ) -> list[OutgoingMail]:
        """Those with which it could be done; why not with the others is said."""
        done = []
        for mail in mails:
            try:
                if act(mail) is not False:
                    done.append(mail)
            except AcademyError as error:
                self.message_user(request, f"{mail}: {error}", messages.WARNING)
        return done

    @admin.display(description=_("to"))
    def to(self, mail: OutgoingMail) -> str:
        return ", ".join(mail.recipients)
