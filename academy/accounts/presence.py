"""Which browser a sign-in is in."""

from django.http import HttpRequest

from academy.accounts.services import browser_sign_in_record


def remember_browser(request: HttpRequest, *, person_id: int) -> None:
    """The present session, whose key may be new, is one of the person's sign-ins."""
    if request.session.session_key is None:
        request.session.save()
    browser_sign_in_record(
        person_id=person_id,
        session_key=request.session.session_key or "",
        agent=request.headers.get("User-Agent", ""),
    )
