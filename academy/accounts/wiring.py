"""What this app hangs up on the hooks of Django and the platform when Django is ready."""

from typing import Any

from django.contrib.auth.signals import user_logged_in
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from academy.accounts import schema  # noqa: F401 -- drf-spectacular finds what is imported
from academy.accounts.models import User
from academy.accounts.personal import addresses_of, profile_of, sign_ins_of
from academy.accounts.portrait import register_section
from academy.accounts.presence import remember_browser
from academy.accounts.services import event_count
from academy.platform.http.converters import register_converters
from academy.platform.http.limiting import register_counter


@receiver(user_logged_in, dispatch_uid="accounts.user_logged_in")
def after_sign_in(*, request: HttpRequest, user: User, **_kwargs: Any) -> None:
    """The browser is one of the person's sign-ins."""
    remember_browser(request, person_id=user.pk)


register_counter(event_count)
register_converters()
register_section("profile", profile_of, title=_("You"))
register_section("addresses", addresses_of, title=_("E-mail addresses"))
register_section("sign-ins", sign_ins_of, title=_("Sign-ins"))
