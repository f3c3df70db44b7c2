"""What samples are made of: people, times, jobs, and the page that the server would send."""

import datetime as dt
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from django.core.paginator import Paginator
from django.template.loader import render_to_string
from django.test import RequestFactory

ORIGIN = "http://academy.test"
STATIC = Path(__file__).resolve().parents[3] / "academy" / "static"
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
    pk: int = 7
    is_authenticated: bool = True
    is_operator: bool = False
    teaches: bool = False

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


def request(path="/", person=None):
    made_request = RequestFactory().get(path)
    made_request.user = person or SimpleNamespace(is_authenticated=False)
    made_request.csp_nonce = "sample"
    made_request._messages = []
    return made_request


def html_of(sample):
    """The page as the server would send it."""
    made_request = request(sample.path, sample.person)
    teaches = sample.person is not None and sample.person.teaches
    context = {**sample.context, "live_jobs": 2, "teaches": teaches}
    return render_to_string(sample.template, context, made_request)
