"""The language of the pages, from the foot of each of them."""

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.views.decorators.http import require_POST
from django.views.i18n import set_language

from academy.accounts.models import User
from academy.accounts.services import profile_change
from academy.platform.http.limiting import require


@require_POST
def language(request: HttpRequest) -> HttpResponseBase:
    """This browser, and whoever is signed in, reads the academy in that language from now on.

    It leads back to the page of ours that asked; a language that we do not speak changes nothing.
    """
    wanted = request.POST.get("language", "")
    if isinstance(request.user, User) and wanted in dict(settings.LANGUAGES):
        require(request, "page")
        profile_change(person=request.user, values={"language": wanted})
    return set_language(request)
