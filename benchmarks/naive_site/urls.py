"""What a request for a document costs where nothing is a job."""

import io

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import include, path
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from academy.accounts.authentication import person_of_request
from academy.platform.documents.meta import DocumentMeta
from academy.platform.documents.pdf import write_pdf
from academy.platform.storage.store import Store
from learning.lessons.rendering import lesson_document
from learning.lessons.selectors import reading_for, reading_require_full
from learning.lessons.sources import revision_source
from tests.probes import urls


@csrf_exempt
def naive(request: HttpRequest, course: str, lesson: str) -> HttpResponse:
    person = person_of_request(request)
    found = reading_for(person, f"{course}/{lesson}")
    reading_require_full(found)
    source = revision_source(found.revision)
    target = io.BytesIO()
    write_pdf(
        lesson_document(source),
        meta=DocumentMeta(
            title=source.title,
            course_title=source.course_title,
            author=source.author,
            language=source.language,
            permalink_url=f"{settings.SITE_URL}/courses/{found.permalink}/",
            generated_at=timezone.now(),
        ),
        load_figure=lambda figure: Store(settings.MEDIA_ROOT).read(figure.digest),
        target=target,
        report=lambda fraction, step: None,
    )
    return HttpResponse(target.getvalue(), content_type="application/pdf")


handler400, handler403 = urls.handler400, urls.handler403
handler404, handler500 = urls.handler404, urls.handler500
urlpatterns = [
    path("naive/<slug:course>/<slug:lesson>/", naive),
    path("", include("tests.probes.urls")),
]
