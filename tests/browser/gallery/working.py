"""Exports, jobs, signing in, refusals."""

import datetime as dt
from types import SimpleNamespace

from django.template.loader import render_to_string

from tests.browser.gallery.making import (
    ARABIC,
    JAPANESE,
    LONG,
    NOW,
    STATES,
    Sample,
    job_row,
    page_of,
    request,
)


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


def account_samples():
    from academy.accounts import forms  # noqa: PLC0415 - Django must be set up before forms are made

    sign_up = {"form": forms.SignUpForm(), "next": "", "sign_in_url": "/accounts/sign-in/"}
    yield Sample("sign-up", "accounts/sign_up.html", sign_up, person=None)
    leave = {"form": forms.ConfirmForm(second_factor=True)}
    yield Sample("leave", "accounts/leave.html", leave)
    needs = ["You own 2 courses: have an operator give them to somebody else first.", LONG]
    yield Sample("leave-needed", "accounts/leave.html", {**leave, "needs": needs})


def job_samples():
    rows = [job_row(number=number, status=state) for number, state in enumerate(STATES)]
    rows += [
        job_row(number=10, title=LONG, step=LONG),
        job_row(number=11, title=JAPANESE, step="ページを組んでいます"),
        job_row(number=12, title=ARABIC, step="ترتيب الصفحات"),
    ]
    counts = dict.fromkeys(STATES, 3)
    url = "jobs/mine.html"
    newest = {"filter": "", "counts": counts, "is_newest": True}
    yield Sample("jobs", url, {"page": page_of(rows), **newest})
    many = [job_row(number=n, status=STATES[n % 7]) for n in range(60)]
    filtered = {"page": page_of(many, 2), "filter": "running", "counts": counts}
    yield Sample("jobs-many", url, filtered)
    yield Sample("jobs-empty", url, {"page": page_of([]), **newest})
    nothing = {"page": page_of([]), "filter": "dead", "counts": counts}
    yield Sample("jobs-nothing-in-state", url, nothing)
    for number, state in enumerate(STATES):
        row = job_row(number=number, status=state)
        finished = state not in {"queued", "running", "retrying"}
        context = {"row": row, "document": row.document, "is_finished": finished}
        yield Sample(f"job-{state}", "jobs/job.html", context)


def other_samples():
    url = "accounts/sign_in.html"
    sign_up = {"sign_up_url": "/accounts/sign-up/"}
    asked = {"form": sign_in_form(), "next": "/jobs/", **sign_up}
    yield Sample("sign-in", url, asked, person=None)
    wrong = {"form": sign_in_form({"username": "x"}), "next": "", **sign_up}
    yield Sample("sign-in-wrong", url, wrong, person=None)
    for code in ("400", "403", "404", "413", "429", "500", "503", "offline"):
        yield Sample(f"error-{code}", f"{code}.html", {"retry_after_seconds": 30})
    yield Sample("error-csrf", "403.html", {"code": "csrf_failed"})
    for status in (400, 403, 404, 409, 429, 503):
        context = {"status": status, "error": "You have as many jobs waiting as one may have."}
        yield Sample(f"refusal-{status}", "refusal.html", {**context, "retry_after_seconds": None})
