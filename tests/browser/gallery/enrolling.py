"""Coming into a course with a key."""

from types import SimpleNamespace

from tests.browser.gallery.making import ARABIC, LONG, Sample


def enrol_samples():
    from learning.enrolments.errors import KeyRefusedError  # noqa: PLC0415 - Django is set up first
    from learning.enrolments.forms import CourseKeyForm, KeyForm  # noqa: PLC0415 - the same

    template = "enrolments/enrol.html"
    for name, title, price in (("free", LONG, 0), ("priced", ARABIC, 4_900)):
        course = SimpleNamespace(title=title, price=price)
        context = {"course": course, "course_url": "/courses/course-1/", "form_url": "/enrol/"}
        yield Sample(f"enrol-{name}", template, {**context, "form": KeyForm()})
    refused = CourseKeyForm({"course": "course-1", "key": "nothing"})
    refused.add_error("key", str(KeyRefusedError()))
    for name, form in (("with-key", CourseKeyForm()), ("refused", refused)):
        context = {"course": None, "course_url": "", "form_url": "/enrol/"}
        yield Sample(f"enrol-{name}", template, {**context, "form": form})
