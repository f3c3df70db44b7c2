from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.http import HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

handler400 = handler403 = handler404 = "academy.platform.security.tests.urls.refused"
handler500 = "academy.platform.security.tests.urls.broken"


def refused(request, exception=None):
    return HttpResponse("no", status=404)


def broken(request):
    return HttpResponse("broken", status=500)


def crash(request):
    raise ZeroDivisionError


def forbidden(request):
    raise PermissionDenied


def suspicious(request):
    raise SuspiciousOperation


async def stream(request):
    async def parts():
        yield b"x"

    return StreamingHttpResponse(parts())


urlpatterns = [
    path("page/", lambda request: HttpResponse(f"<p nonce={request.csp_nonce}>")),
    path("kept/", lambda request: HttpResponse("ok", headers={"Cache-Control": "max-age=5"})),
    path("moved/", lambda request: HttpResponseRedirect("/page/")),
    path("crash/", crash),
    path("forbidden/", forbidden),
    path("api/suspicious/", suspicious),
    path("stream/", stream),
    path("open/", csrf_exempt(lambda request: HttpResponse("ok"))),
    path("api/open/", lambda request: HttpResponse("ok")),
]
