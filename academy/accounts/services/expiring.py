"""What has served its time goes."""

from datetime import timedelta
from importlib import import_module

from django.conf import settings
from django.contrib.sessions.models import Session
from django.db.models.functions import Now

from academy.accounts.models import BrowserSignIn, CountedEvent, SocketTicket, TokenFamily
from academy.accounts.selectors import unconfirmed_people


def spent_credentials_expire() -> int:
    """Families, tickets, sessions, counted events and unconfirmed accounts out of time are gone.

    Returns how many there were; sessions are not counted.
    """
    longest = max(rate.period_seconds for rate in settings.RATES.values())
    families, _rows = TokenFamily.objects.filter(expires_at__lte=Now()).delete()
    tickets, _rows = SocketTicket.objects.filter(expires_at__lte=Now()).delete()
    events, _rows = CountedEvent.objects.filter(at__lte=Now() - timedelta(seconds=longest)).delete()
    import_module(settings.SESSION_ENGINE).SessionStore.clear_expired()
    BrowserSignIn.objects.exclude(session_key__in=Session.objects.values("session_key")).delete()
    waited = timedelta(days=settings.ACCOUNT_EMAIL_CONFIRMATION_EXPIRE_DAYS)
    late = unconfirmed_people().filter(date_joined__lt=Now() - waited)
    people = late.count()
    late.delete()
    return families + tickets + events + people
