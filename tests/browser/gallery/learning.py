"""Catalogue, course, reader and dashboard."""

import datetime as dt
from pathlib import Path
from types import SimpleNamespace

from django.utils.safestring import SafeString

from tests.browser.gallery.making import (
    ARABIC,
    JAPANESE,
    LONG,
    NOW,
    STATES,
    Person,
    Sample,
    document,
    job_row,
    page_of,
)
from tests.browser.gallery.working import format_state, made, panel

COVER = "/static/academy/img/logo.svg"
LEVELS = [("beginner", "Beginner"), ("advanced", "Advanced")]
LANGUAGES = [("ar", "العربية"), ("en", "English"), ("ja", "日本語")]
NOBODY = {"level": "", "language": "", "free": False, "mine": False}


def card(number, **values):
    known = {
        "course_id": number,
        "slug": f"course-{number}",
        "title": f"Running the academy, part {number}",
        "summary": "How slow work is done without anybody waiting for it, and never lost.",
        "language": "en",
        "language_label": "",
        "direction": "ltr",
        "level_label": "Beginner",
        "lesson_count": 6,
        "minutes": 48,
        "is_draft": False,
        "url": f"/courses/course-{number}/",
        "cover_url": "",
        "price": 0,
        "currency": "EUR",
        "percent": None,
        "found": SimpleNamespace(named=[], more=0),
    }
    return SimpleNamespace(**{**known, **values})


def found_in(*titles, more=0):
    named = [
        SimpleNamespace(title=title, url="/courses/course-1/a/", language="", direction="auto")
        for title in titles
    ]
    return SimpleNamespace(named=named, more=more)


CARDS = [
    card(1, percent=45, cover_url=COVER),
    card(2, title=LONG, summary=LONG * 6, is_draft=True, lesson_count=1, price=124_900),
    card(3, title=JAPANESE, summary=JAPANESE * 3, language="ja", language_label="日本語"),
    card(4, title=ARABIC, summary=ARABIC * 3, language="ar", direction="rtl", percent=100),
    card(5, summary="", level_label="", minutes=0, lesson_count=0, percent=0),
]


def link(number, **values):
    known = {
        "title": f"Lesson {number}: what a job is",
        "summary": "The row is the job; the message is only a hint.",
        "permalink": f"course-1/lesson-{number}",
        "url": f"/courses/course-1/lesson-{number}/",
        "language": "en",
        "direction": "ltr",
        "is_premium": False,
        "is_locked": False,
        "is_draft": False,
        "minutes": 8,
        "number": number,
        "state": "new",
        "opens": "",
    }
    return SimpleNamespace(**{**known, **values})


LINKS = [
    link(1, state="completed"),
    link(2, is_premium=True, state="opened"),
    link(3, is_premium=True, is_locked=True, title=LONG, summary=LONG * 2),
    link(4, is_draft=True, title=JAPANESE, summary="", language="ja"),
    link(5, title=ARABIC, language="ar", direction="rtl"),
    link(6, is_locked=True, opens="Opens on 3 March 2027, 09:00"),
]
SECTIONS = [
    SimpleNamespace(title="", lessons=LINKS[:2]),
    SimpleNamespace(title="The second part, about what goes wrong", lessons=LINKS[2:]),
]
MANY = [
    SimpleNamespace(
        title=f"Part {part}",
        lessons=[
            link(part * 25 + n, state="completed" if part < 2 else "new") for n in range(1, 26)
        ],
    )
    for part in range(4)
]


def seed_of(sections):
    lessons = {
        one.permalink: {"state": one.state, "required": True}
        for section in sections
        for one in section.lessons
    }
    return {"course_id": 1, "seq": 4, "percent": 16, "lessons": lessons}


PROGRESS = {"percent": 16, "completed_count": 1, "required_count": 6}
ENROLLED = {"seed": seed_of(SECTIONS), "progress": PROGRESS}
BEGUN = {
    **ENROLLED,
    "seed": {
        **seed_of(SECTIONS),
        "lessons": {LINKS[0].permalink: {"state": "opened", "required": True}},
    },
}


def course(**values):
    known = vars(card(1)) | {"description_html": "<p>A <em>short</em> course.</p>"}
    return SimpleNamespace(**{**known, "teachers": ["Grace", ARABIC, LONG], **values})


BODY = Path(__file__).parents[1] / "lesson_body.html"


def lesson(**values):
    known = {
        "title": "What a job is",
        "permalink": "course-1/lesson-1",
        "url": "/courses/course-1/lesson-1/",
        "language": "en",
        "direction": "ltr",
        "access": "full",
        "body_html": SafeString(BODY.read_text()),
        "video_url": "",
        "state": "ready",
        "problem": "",
        "opens": "",
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


def reader(panels=(), *, extra=None, **values):
    return {
        "lesson": lesson(**values),
        "previous": LINKS[0],
        "next": LINKS[2],
        "contents": SECTIONS,
        "panels": list(panels),
        **(extra or {}),
    }


def catalogue_of(cards, *, number=1, query="", **chosen):
    return {
        "page": page_of(cards, number),
        "query": query,
        "levels": LEVELS,
        "languages": LANGUAGES,
        "chosen": {**NOBODY, **chosen},
        "is_filtered": bool(query or chosen),
    }


def catalogue_samples():
    url = "learning/catalogue.html"
    yield Sample("catalogue", url, catalogue_of(CARDS))
    yield Sample("catalogue-stranger", url, catalogue_of(CARDS), person=None)
    found = [card(1, found=found_in("Jobs", LONG, more=12)), card(2, found=found_in(ARABIC))]
    yield Sample("catalogue-found", url, catalogue_of(found, query="job"))
    many = [card(n) for n in range(95)]
    yield Sample("catalogue-many", url, catalogue_of(many, number=2, query="run", free=True))
    yield Sample("catalogue-empty", url, catalogue_of([]))
    yield Sample("catalogue-nothing-found", url, catalogue_of([], query=LONG))
    meant = [SimpleNamespace(query=query, url="?q=shell") for query in ("shell", ARABIC, LONG)]
    nothing = {**catalogue_of([], query="shlel"), "suggestions": meant}
    yield Sample("catalogue-meant", url, nothing)


def shown(**values):
    return {
        "level_label": "Beginner",
        "language_label": "",
        "cover_url": "",
        "price": 0,
        "currency": "EUR",
        **values,
    }


def course_of(offer=None, **values):
    known = {
        "course": course(),
        "shown": shown(),
        "sections": SECTIONS,
        "offer": SimpleNamespace(action="", sentence="", starts_at=None, ends_at=None),
        "release": SimpleNamespace(number=3, published_at=NOW - dt.timedelta(days=9)),
        "releases_url": "/courses/course-1/releases/",
    }
    if offer:
        known["offer"] = SimpleNamespace(**{**vars(known["offer"]), **offer})
    return {**known, **values}


STAFF = [
    SimpleNamespace(url="/courses/course-1/class/", icon="class", label="Class"),
    SimpleNamespace(url="/courses/course-1/publish/", icon="live", label="Publish"),
    SimpleNamespace(url="/courses/course-1/?draft=1", icon="draft", label="Draft"),
]


def course_samples():
    url = "learning/course.html"
    yield Sample("course", url, course_of({"action": "enrol"}))
    yield Sample("course-stranger", url, course_of({"action": "sign_in"}), person=None)
    yield Sample("course-key", url, course_of({"action": "key"}, shown=shown(price=4900)))
    ends = {"action": "leave", "ends_at": NOW + dt.timedelta(days=30)}
    resume = SimpleNamespace(title=LINKS[1].title)
    going_on = {
        "tree": SimpleNamespace(resume=resume, resume_url="/courses/course-1/lesson-2/#tables")
    }
    enrolled = course_of(ends, **ENROLLED, **going_on, shown=shown(cover_url=COVER))
    yield Sample("course-enrolled", url, enrolled)
    through = SimpleNamespace(
        resume=resume, resume_url="/courses/course-1/lesson-2/", is_read_through=True
    )
    all_done = {"percent": 100, "completed_count": 6, "required_count": 6}
    lessons = seed_of(SECTIONS)["lessons"]
    completed = {one: {"state": "completed", "required": True} for one in lessons}
    seed = {**seed_of(SECTIONS), "percent": 100, "lessons": completed}
    done = {"seed": seed, "progress": all_done, "tree": through}
    yield Sample("course-done", url, course_of(ends, **done))
    many = {
        "seed": seed_of(MANY),
        "progress": {"percent": 50, "completed_count": 50, "required_count": 100},
    }
    yield Sample("course-many", url, course_of(**many, course=course(title=LONG), sections=MANY))
    full = {"sentence": "All seats of this course are taken."}
    empty = course_of(full, course=course(is_draft=True), sections=[], release=None)
    yield Sample("course-empty", url, empty)
    arabic = course(title=ARABIC, summary=ARABIC, language="ar", direction="rtl")
    yield Sample("course-arabic", url, course_of({"action": "enrol"}, course=arabic))
    staff = course_of({"action": "teach"}, staff_links=STAFF, is_draft_view=True)
    yield Sample("course-staff", url, staff)
    priced = course_of({"action": "teach"}, staff_links=STAFF, shown=shown(price=4900))
    yield Sample("course-staff-key", url, priced)


def lesson_samples():
    url = "learning/lesson.html"
    mark = SimpleNamespace(
        state="opened", is_completed=False, checkpoint={"anchor": "tables", "fraction": 0.4}
    )
    done = SimpleNamespace(state="completed", is_completed=True, checkpoint=None)
    yield Sample("lesson", url, reader([panel()]))
    begun = {**BEGUN, "mark": mark}
    yield Sample(
        "lesson-enrolled",
        url,
        reader([panel()], extra=begun, video_url="https://video.example/watch?v=1"),
    )
    yield Sample("lesson-done", url, reader([panel()], extra={**ENROLLED, "mark": done}))
    locked = {"access": "locked", "body_html": "", "opens": LINKS[5].opens}
    yield Sample("lesson-locked", url, reader(extra=ENROLLED, **locked))
    yield Sample(
        "lesson-locked-stranger",
        url,
        reader(**{**locked, "opens": "For people who are enrolled"}),
        person=None,
    )
    staff = {"draft_url": "/courses/course-1/lesson-1/?draft=1"}
    yield Sample("lesson-staff", url, reader([panel()], extra=staff))
    yield Sample("lesson-long-title", url, reader([panel()], title=LONG))
    japanese = reader([panel()], title=JAPANESE, language="ja")
    yield Sample("lesson-japanese", url, japanese)
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


def my_course(number, **values):
    resume = SimpleNamespace(title=LINKS[1].title, url=LINKS[1].url, anchor="tables")
    known = {
        "course_id": number,
        "title": f"Running the academy, part {number}",
        "url": f"/courses/course-{number}/",
        "language": "en",
        "percent": 45,
        "completed_count": 5,
        "required_count": 11,
        "last_active_at": NOW - dt.timedelta(hours=number),
        "resume": resume,
    }
    made_course = SimpleNamespace(**{**known, **values})
    return SimpleNamespace(
        course=made_course,
        direction="rtl" if made_course.language == "ar" else "ltr",
        resume_url=f"{resume.url}#tables",
        is_done=made_course.percent == 100,
        seed={"course_id": number, "percent": made_course.percent, "seq": -1},
    )


def desk_of(rows, activities=(), jobs=()):
    return {
        "rows": rows,
        "next": next(iter(rows), None),
        "activities": list(activities),
        "jobs": list(jobs),
    }


def desk_samples():
    url = "learning/desk.html"
    rows = [
        my_course(1),
        my_course(2, title=LONG),
        my_course(3, title=JAPANESE, language="ja", percent=100),
        my_course(4, title=ARABIC, language="ar", percent=0, last_active_at=None),
    ]
    activities = [
        SimpleNamespace(
            kind="completed" if number % 2 else "checkpoint",
            title=title,
            url=LINKS[0].url,
            course_title=rows[number % 4].course.title,
            at=NOW - dt.timedelta(hours=number),
        )
        for number, title in enumerate((LINKS[0].title, LONG, JAPANESE, ARABIC))
    ]
    jobs = [job_row(number=number, status=state) for number, state in enumerate(STATES[:4])]
    yield Sample("desk", url, desk_of(rows, activities, jobs))
    many = [my_course(number) for number in range(1, 41)]
    yield Sample("desk-many", url, desk_of(many, activities * 2, jobs))
    yield Sample("desk-empty", url, desk_of([]))
    teacher = Person(teaches=True)
    yield Sample("desk-teacher", url, desk_of(rows, activities, jobs), person=teacher)
