"""People, courses and folders for the tests of the academy itself."""

import io

import pytest
from PIL import Image

from academy.accounts.models import Role, User
from learning.courses.models import Course, CourseGrant, Status
from learning.courses.services.figures import figure_keep, figure_row_put
from learning.lessons.models import Lesson, Tier
from learning.lessons.services import lesson_render, lesson_save
from scheduler.jobs.tests.conftest import for_threads

__all__ = ["for_threads"]


@pytest.fixture(autouse=True)
def media_root(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    return settings.MEDIA_ROOT


@pytest.fixture
def person(db):
    def make(name, role=Role.LEARNER):
        return User.objects.create(username=name, display_name=name.title(), role=role)

    return make


@pytest.fixture
def alice(person):
    return person("alice")


@pytest.fixture
def bob(person):
    return person("bob")


@pytest.fixture
def ingrid(person):
    return person("ingrid", Role.INSTRUCTOR)


@pytest.fixture
def olga(person):
    return person("olga", Role.OPERATOR)


@pytest.fixture
def course(ingrid):
    return Course.objects.create(
        slug="shells", title="Shells 🐚", owner=ingrid, status=Status.PUBLISHED
    )


LONG_BODY = "\n\n".join(
    [f"## Part {n}\n\nParagraph {n} says word{n} and nothing else at all." for n in range(1, 21)]
)


@pytest.fixture
def make_lesson(course):
    def make(slug="pipes", *, body=LONG_BODY, rendered=True, **values):
        lesson = lesson_save(
            lesson=Lesson(
                **{
                    "course": course,
                    "slug": slug,
                    "title": slug.title(),
                    "status": Status.PUBLISHED,
                    "body": body,
                    **values,
                }
            )
        )
        if rendered:
            assert lesson_render(lesson_id=lesson.pk)
        return Lesson.objects.select_related("course__owner").get(pk=lesson.pk)

    return make


@pytest.fixture
def premium(make_lesson):
    return make_lesson("secrets", access=Tier.PREMIUM)


@pytest.fixture
def granted(alice, course, olga):
    return CourseGrant.objects.create(course=course, person=alice, granted_by=olga)


def png(color="red", size=(8, 6)):
    out = io.BytesIO()
    Image.new("RGB", size, color).save(out, "PNG")
    return out.getvalue()


SVG = (
    b'<svg xmlns="http://www.w3.org/2000/svg" width="20" height="10">'
    b'<script>alert(1)</script><rect width="20" height="10"/></svg>'
)


@pytest.fixture
def put_figure(course):
    def put(name="fig/tree.png", data=None):
        figure_row_put(course_id=course.pk, stored=figure_keep(name=name, data=data or png()))
        return name

    return put


@pytest.fixture
def folder(tmp_path):
    """Makes a folder of files: texts, or bytes."""

    def make(files, name="shells"):
        root = tmp_path / name
        for path, content in files.items():
            target = root / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content if isinstance(content, bytes) else content.encode())
        return root

    return make
