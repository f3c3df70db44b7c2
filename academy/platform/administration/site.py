"""The admin site of the academy."""

from typing import TYPE_CHECKING, Any, Final

from csp.constants import SELF, UNSAFE_EVAL, UNSAFE_INLINE
from csp.decorators import csp_replace
from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _

from academy.platform.administration.figures import cards
from academy.platform.administration.groups import grouped

if TYPE_CHECKING:
    from django.contrib.admin import AdminSite as Themed
else:
    from unfold.sites import UnfoldAdminSite as Themed

# The theme's menus are Alpine expressions, which Alpine compiles, and its colours are an inline
# style: neither lives under the policy of all other pages. Scripts still come from here alone.
_RELAXED: Final = {"script-src": [SELF, UNSAFE_EVAL], "style-src": [SELF, UNSAFE_INLINE]}


class AcademySite(Themed):
    """Its pages, and no others, have a content policy that the theme can live under."""

    site_header = _("Academy")
    site_title = _("Academy")
    index_title = _("Everything in the academy")
    index_template = "admin/home.html"

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> Any:
        """The models by what an operator does with them; those of one app as Django has them."""
        found = super().get_app_list(request, app_label)
        return found if app_label else grouped(found, self._registry)

    def index(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> TemplateResponse:
        """The operators' home: figures that one looks for, then all lists."""
        return super().index(request, {"cards": cards(), **(extra_context or {})})

    def admin_view(
        self,
        view: Any,
        cacheable: bool = False,  # noqa: FBT001, FBT002 - Django's signature
    ) -> Any:
        """The view, for operators, under the relaxed policy."""
        return csp_replace(_RELAXED)(super().admin_view(view, cacheable))

    def login(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Leads to the academy's own sign-in, the only one, with its limits and second factor.

        Raises:
            PermissionDenied: somebody is signed in who is no operator.
        """
        wanted = request.GET.get("next") or ""
        here = {request.get_host()}
        if not url_has_allowed_host_and_scheme(wanted, here, require_https=request.is_secure()):
            wanted = reverse("admin:index", current_app=self.name)
        if self.has_permission(request):
            return HttpResponseRedirect(wanted)
        if request.user.is_authenticated:
            raise PermissionDenied
        return redirect_to_login(wanted, settings.LOGIN_URL)
