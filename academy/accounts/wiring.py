"""What this app hangs up on the hooks of Django and the platform when Django is ready."""

from typing import Any

from django.apps import apps
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.signals import user_logged_in
from django.contrib.sessions.models import Session
from django.db.models.signals import post_delete
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from academy.accounts.models import User
from academy.accounts.personal import addresses_of, profile_of, sign_ins_of
from academy.accounts.portrait import register_section
from academy.accounts.presence import remember_browser
from academy.accounts.services import event_count
from academy.platform.http.converters import register_converters
from academy.platform.http.limiting import register_counter
from academy.platform.realtime.publishing import publish_on_commit


@receiver(user_logged_in, dispatch_uid="accounts.user_logged_in")
def after_sign_in(*, request: HttpRequest, user: User, **_kwargs: Any) -> None:
    """The browser is one of the person's sign-ins."""
    remember_browser(request, person_id=user.pk)


@receiver(post_delete, sender=Session, dispatch_uid="accounts.session_deleted")
def after_session(*, instance: Session, **_kwargs: Any) -> None:
    """Open pages of the person look at once whether they are still signed in.

    Not at Django's own signal of a sign-out, which comes while the session is still good.
    """
    if instance.expire_date > timezone.now():
        person_id = instance.get_decoded().get(SESSION_KEY)
        if person_id is not None:
            publish_on_commit(f"person:{person_id}")


# In Arabic allauth's own name for it, MFA, is that of a ministry.
apps.get_app_config("mfa").verbose_name = _("Second factors")
register_counter(event_count)
register_converters()
register_section("profile", profile_of, title=_("You"))
register_section("addresses", addresses_of, title=_("E-mail addresses"))
register_section("sign-ins", sign_ins_of, title=_("Sign-ins"))
