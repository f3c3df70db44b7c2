"""Every page in every state, rendered from samples: what pages look like needs no server.

`python -m tests.browser.gallery OUT` writes pictures of all of them.
"""

import datetime as dt
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import django
from django.conf import settings
from django.core.paginator import Paginator
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.utils.safestring import SafeString

ORIGIN = "http://academy.test"
STATIC = Path(__file__).resolve().parents[2] / "academy" / "static"
NOW = dt.datetime.now(dt.UTC)
POLICY = (
    "default-src 'none'; script-src 'self' 'nonce-sample'; style-src 'self'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'; object-src 'none'"
)
LONG = (
    "A very long title that somebody wrote because nobody told them that titles can be short, "
    "with-an-unbreakable-part-" + "x" * 60
)
JAPANESE = "待ち行列の入門 - 忙しい小さな箱でだれも待たせない方法"
ARABIC = "مقدمة في الطوابير: كيف لا ينتظر أحد في صندوق صغير مشغول"
TASK_ID = "7b1f6a52-0f0e-4a6e-9b0a-0000000000%02d"


@dataclass(frozen=True)
class Person:
    name: str = "Ada Learner"
    is_authenticated: bool = True
    is_operator: bool = False

    def __str__(self):
        return self.name


@dataclass(frozen=True)
class Sample:
    name: str
    template: str
    context: dict[str, Any] = field(default_factory=dict)
    person: Person | None = Person()
    path: str = "/"


def iso(seconds_ago):
    at = NOW - dt.timedelta(seconds=seconds_ago)
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def document(number=0, status="running", **values):
    finished = status in {"succeeded", "failed", "cancelled", "dead"}
    return {
        "task_id": TASK_ID % number,
        "kind": "exports.lesson_document",
        "title": "Running the academy: Jobs - PDF",
        "lane": "interactive",
        "status": status,
        "progress": 100 if status == "succeeded" else 45 if status != "queued" else 0,
        "step": "Laying out pages" if status == "running" else "",
        "queue_position": 3 if status == "queued" else None,
        "attempt": 0 if status == "queued" else 1,
        "max_attempts": 3,
        "retry_count": 0,
        "next_attempt_at": iso(-20) if status == "retrying" else None,
        "created_at": iso(90),
        "started_at": None if status == "queued" else iso(60),
        "finished_at": iso(30) if finished else None,
        "checked_at": iso(0),
        "task_age_seconds": 90.0,
        "estimated_remaining_seconds": None if finished else 12.0,
        "can_cancel": not finished,
        "can_retry": status in {"failed", "cancelled", "dead"},
        "cancel_requested_at": None,
        "seq": 7,
        "result": {
            "download_url": "/api/exports/7b1f6a52-0f0e-4a6e-9b0a-000000000000/download/",
            "file_size": 1_234_567,
            "content_type": "application/pdf",
        }
        if status == "succeeded"
        else None,
        "error": {
            "code": "too_complex",
            "detail": "The PDF could not be made: this lesson has a table of 50,000 rows. "
            "Split it, or export as DOCX.",
        }
        if status in {"failed", "dead"}
        else None,
        "correlation_id": "0f2c1f9d6f2b4e0f",
        "retry_of": None,
        **values,
    }


STATES = ("queued", "running", "retrying", "succeeded", "failed", "cancelled", "dead")


def job_row(**values):
    known = document(**values)
    return SimpleNamespace(
        document=known,
        title=known["title"],
        url=f"/jobs/{known['task_id']}/",
        subject_url="/courses/running-the-academy/jobs/",
    )


def page_of(rows, number=1, size=20):
    return Paginator(list(rows), size).page(number)


def card(number, **values):
    known = {
        "slug": f"course-{number}",
        "title": f"Running the academy, part {number}",
        "summary": "How slow work is done without anybody waiting for it, and never lost.",
        "language": "en",
        "direction": "ltr",
        "level": "Beginner",
        "lesson_count": 6,
        "minutes": 48,
        "is_draft": False,
        "url": f"/courses/course-{number}/",
    }
    return SimpleNamespace(**{**known, **values})


CARDS = [
    card(1),
    card(2, title=LONG, summary=LONG * 6, is_draft=True, lesson_count=1),
    card(3, title=JAPANESE, summary=JAPANESE * 3, language="ja"),
    card(4, title=ARABIC, summary=ARABIC * 3, language="ar", direction="rtl"),
    card(5, summary="", level="", minutes=0, lesson_count=0),
]


def link(number, **values):
    known = {
        "title": f"Lesson {number}: what a job is",
        "summary": "The row is the job; the message is only a hint.",
        "url": f"/courses/course-1/lesson-{number}/",
        "access": "free",
        "is_locked": False,
        "is_draft": False,
        "minutes": 8,
        "number": number,
    }
    return SimpleNamespace(**{**known, **values})


LINKS = [
    link(1),
    link(2, access="premium"),
    link(3, access="premium", is_locked=True, title=LONG, summary=LONG * 2),
    link(4, is_draft=True, title=JAPANESE, summary=""),
    link(5, title=ARABIC),
]
SECTIONS = [
    SimpleNamespace(title="", lessons=LINKS[:2]),
    SimpleNamespace(title="The second part, about what goes wrong", lessons=LINKS[2:]),
]
MANY = [
    SimpleNamespace(title=f"Part {part}", lessons=[link(part * 12 + n) for n in range(12)])
    for part in range(4)
]


def course(**values):
    known = vars(card(1)) | {"description_html": "<p>A <em>short</em> course.</p>"}
    return SimpleNamespace(**{**known, "owner_name": "Grace", **values})


BODY = Path(__file__).with_name("lesson_body.html")


def lesson(**values):
    known = {
        "title": "What a job is",
        "permalink": "course-1/lesson-1",
        "url": "/courses/course-1/lesson-1/",
        "language": "en",
        "direction": "ltr",
        "access": "full",
        "body_html": SafeString(BODY.read_text()),
        "state": "ready",
        "problem": "",
        "outline": [
            SimpleNamespace(level=2, text="Why rows", anchor="why-rows"),
            SimpleNamespace(level=3, text="Boxes and " + "long words " * 6, anchor="boxes"),
            SimpleNamespace(level=2, text="Tables", anchor="tables"),
        ],
        "minutes": 8,
        "is_draft": False,
        "course_title": "Running the academy",
        "course_url": "/courses/course-1/",
        "updated_at": NOW - dt.timedelta(days=3),
    }
    return SimpleNamespace(**{**known, **values})


def format_state(name="pdf", known=None, **values):
    label = name.upper()
    if known:
        known = {**known, "title": f"What a job is - {label}"}
    return SimpleNamespace(
        **{
            "format": name,
            "label": label,
            "download_url": None,
            "generated_at": None,
            "file_size": None,
            "is_stale": False,
            "task_id": known["task_id"] if known else None,
            "document": known,
            **values,
        }
    )


def made(seconds_ago, *, is_stale=False):
    return {
        "download_url": "/api/exports/7b1f6a52-0f0e-4a6e-9b0a-000000000001/download/",
        "generated_at": NOW - dt.timedelta(seconds=seconds_ago),
        "file_size": 321_000,
        "is_stale": is_stale,
    }


def panel(*formats, **values):
    context = {
        "lesson_title": "What a job is",
        "permalink": "course-1/lesson-1",
        "api_url": "/api/lessons/course-1/lesson-1/export/",
        "form_url": "/courses/course-1/lesson-1/export/",
        "formats": formats or (format_state("pdf"), format_state("docx")),
        "signed_in": True,
        "sign_in_url": "/accounts/sign-in/?next=/",
        "may_export": True,
        **values,
    }
    return render_to_string("exports/lesson_panel.html", context, request())


def reader(panels=(), **values):
    return {
        "lesson": lesson(**values),
        "previous": LINKS[0],
        "next": LINKS[2],
        "contents": SECTIONS,
        "panels": list(panels),
    }


def request(path="/", person=None):
    made_request = RequestFactory().get(path)
    made_request.user = person or SimpleNamespace(is_authenticated=False)
    made_request.csp_nonce = "sample"
    made_request._messages = []
    return made_request


def html_of(sample):
    """The page as the server would send it."""
    made_request = request(sample.path, sample.person)
    return render_to_string(sample.template, {**sample.context, "live_jobs": 2}, made_request)


def sign_in_form(data=None):
    from django import forms  # noqa: PLC0415 - Django must be set up before forms are made

    class SignIn(forms.Form):
        username = forms.CharField(
            label="User name or e-mail", help_text="As your teacher gave it."
        )
        password = forms.CharField(label="Password", widget=forms.PasswordInput)

    form = SignIn(data)
    if data:
        form.add_error(None, "This name and this password do not belong together.")
    return form


def catalogue_samples():
    url = "learning/catalogue.html"
    yield Sample("catalogue", url, {"page": page_of(CARDS), "query": ""})
    yield Sample("catalogue-stranger", url, {"page": page_of(CARDS), "query": ""}, person=None)
    yield Sample(
        "catalogue-many", url, {"page": page_of([card(n) for n in range(95)], 2), "query": "run"}
    )
    yield Sample("catalogue-empty", url, {"page": page_of([]), "query": ""})
    yield Sample("catalogue-nothing-found", url, {"page": page_of([]), "query": LONG})


def course_samples():
    url = "learning/course.html"
    yield Sample("course", url, {"course": course(), "sections": SECTIONS})
    yield Sample("course-many", url, {"course": course(title=LONG), "sections": MANY})
    yield Sample("course-empty", url, {"course": course(is_draft=True), "sections": []})
    arabic = course(title=ARABIC, summary=ARABIC, language="ar", direction="rtl")
    yield Sample("course-arabic", url, {"course": arabic, "sections": SECTIONS})


def lesson_samples():
    url = "learning/lesson.html"
    yield Sample("lesson", url, reader([panel()]))
    yield Sample("lesson-long-title", url, reader([panel()], title=LONG))
    arabic = reader([panel()], title=ARABIC, language="ar", direction="rtl")
    yield Sample("lesson-arabic", url, arabic)
    yield Sample("lesson-many", url, {**reader([panel()]), "contents": MANY})
    yield Sample("lesson-gated", url, reader([panel(may_export=False)], access="gated"))
    stranger = reader([panel(signed_in=False)], access="gated")
    yield Sample("lesson-gated-stranger", url, stranger, person=None)
    yield Sample("lesson-rendering", url, reader(state="rendering", body_html="", outline=[]))
    unusable = reader(state="unusable", body_html="", problem="Line 12: a box is never closed.")
    yield Sample("lesson-unusable", url, unusable)
    yield Sample("lesson-empty", url, reader(body_html="", is_draft=True, outline=[]))
    for number, state in enumerate(STATES):
        formats = (
            format_state("pdf", document(number, state), **made(90_000, is_stale=True)),
            format_state("docx", **made(400)),
        )
        yield Sample(f"lesson-export-{state}", url, reader([panel(*formats)]))


def job_samples():
    rows = [job_row(number=number, status=state) for number, state in enumerate(STATES)]
    rows += [
        job_row(number=10, title=LONG, step=LONG),
        job_row(number=11, title=JAPANESE, step="ページを組んでいます"),
        job_row(number=12, title=ARABIC, step="ترتيب الصفحات"),
    ]
    counts = dict.fromkeys(STATES, 3)
    url = "jobs/mine.html"
    yield Sample("jobs", url, {"page": page_of(rows), "filter": "", "counts": counts})
    many = [job_row(number=n, status=STATES[n % 7]) for n in range(60)]
    filtered = {"page": page_of(many, 2), "filter": "running", "counts": counts}
    yield Sample("jobs-many", url, filtered)
    yield Sample("jobs-empty", url, {"page": page_of([]), "filter": "", "counts": counts})
    nothing = {"page": page_of([]), "filter": "dead", "counts": counts}
    yield Sample("jobs-nothing-in-state", url, nothing)
    for number, state in enumerate(STATES):
        row = job_row(number=number, status=state)
        finished = state not in {"queued", "running", "retrying"}
        context = {"row": row, "document": row.document, "is_finished": finished}
        yield Sample(f"job-{state}", "jobs/job.html", context)


def other_samples():
    url = "accounts/sign_in.html"
    yield Sample("sign-in", url, {"form": sign_in_form(), "next": "/jobs/"}, person=None)
    wrong = {"form": sign_in_form({"username": "x"}), "next": ""}
    yield Sample("sign-in-wrong", url, wrong, person=None)
    for code in ("400", "403", "404", "413", "429", "500", "503", "offline"):
        yield Sample(f"error-{code}", f"{code}.html", {"retry_after_seconds": 30})
    yield Sample("error-csrf", "403.html", {"code": "csrf_failed"})
    for status in (400, 403, 404, 409, 429, 503):
        context = {"status": status, "error": "You have as many jobs waiting as one may have."}
        yield Sample(f"refusal-{status}", "refusal.html", {**context, "retry_after_seconds": None})


def samples() -> Iterator[Sample]:
    """Every sample, pages of one kind together."""
    for kind in (catalogue_samples, course_samples, lesson_samples, job_samples, other_samples):
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

    page.route("**/*", answer)
    page.goto(f"{ORIGIN}/{wanted.name}", wait_until="load")


def main():
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - only for pictures

    from tests.browser.chromium import ARGUMENTS, EXECUTABLE  # noqa: PLC0415 - only for pictures

    out = Path(sys.argv[1])
    out.mkdir(parents=True, exist_ok=True)
    wanted = sys.argv[2:]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=EXECUTABLE, args=ARGUMENTS)
        for scheme in ("light", "dark"):
            for width, height in ((1280, 800), (390, 844)):
                context = browser.new_context(
                    viewport={"width": width, "height": height}, color_scheme=scheme
                )
                for sample in samples():
                    if wanted and sample.name not in wanted:
                        continue
                    page = context.new_page()
                    serve(page, sample)
                    page.screenshot(
                        path=out / f"{sample.name}-{width}-{scheme}.png", full_page=True
                    )
                    page.close()
                context.close()
        browser.close()


if __name__ == "__main__":
    django.setup()
    main()
