"""Every page in every state, rendered from samples: what pages look like needs no server.

`python -m tests.browser.gallery OUT` writes pictures of all of them.
"""

from collections.abc import Iterator

from django.conf import settings

from tests.browser.gallery.enrolling import enrol_samples
from tests.browser.gallery.learning import (
    catalogue_samples,
    course_samples,
    desk_samples,
    lesson_samples,
    reader,
)
from tests.browser.gallery.making import ORIGIN, POLICY, STATIC, Sample, document, html_of, iso
from tests.browser.gallery.working import (
    account_samples,
    format_state,
    job_samples,
    made,
    other_samples,
    panel,
)

__all__ = [
    "ORIGIN",
    "POLICY",
    "STATIC",
    "Sample",
    "document",
    "format_state",
    "html_of",
    "iso",
    "made",
    "panel",
    "reader",
    "samples",
    "serve",
]


def samples() -> Iterator[Sample]:
    """Every sample, pages of one kind together."""
    kinds = (
        catalogue_samples,
        course_samples,
        lesson_samples,
        desk_samples,
        enrol_samples,
        job_samples,
        account_samples,
        other_samples,
    )
    for kind in kinds:
        yield from kind()


def serve(page, wanted):
    """Answers the browser's requests: the sample, and the static files under a strict policy."""

    def answer(route):
        path = route.request.url.removeprefix(ORIGIN).split("?")[0]
        file = STATIC / path.removeprefix(settings.STATIC_URL)
        if path.startswith(settings.STATIC_URL) and file.is_file():
            route.fulfill(path=file)
        elif path == f"/{wanted.name}":
            headers = {"Content-Security-Policy": POLICY, "Content-Type": "text/html"}
            route.fulfill(body=html_of(wanted), headers=headers)
        else:
            route.fulfill(status=503, body="")

    # A page that is being prepared would otherwise be fetched again under a slow test.
    page.add_init_script("sessionStorage.setItem(location.pathname, '50')")
    page.route("**/*", answer)
    page.goto(f"{ORIGIN}/{wanted.name}", wait_until="load")
