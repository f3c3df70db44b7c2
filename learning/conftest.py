"""People, courses and folders for the tests of the academy itself."""

import io
from contextlib import suppress

import pytest
from PIL import Image

from academy.accounts.models import Role, User
from learning.courses.models import Course, CourseGrant, Status
from learning.courses.services.figures import figure_keep, figure_row_put
from learning.lessons.models import Lesson, Tier
from learning.lessons.services import lesson_save, revision_render
from learning.releases.errors import NothingToPublishError
from learning.releases.services import release_publish
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


def publish(course):
    """The course's readers see what is written; the release, or None where they saw it already."""
    course = Course.objects.get(pk=course.pk)
    if course.status == Status.PUBLISHED:
        with suppress(NothingToPublishError):
            return release_publish(course=course, acting_user=None)
    return None


def save_and_publish(lesson):
    """The lesson is stored, and readers see it."""
    saved = lesson_save(lesson=lesson)
    publish(lesson.course)
    return saved


@pytest.fixture
def make_lesson(course):
    """A lesson that readers see, unless it or its course is a draft."""

    def make(slug="pipes", *, body=LONG_BODY, rendered=True, published=True, **values):
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
            assert revision_render(revision_id=lesson.draft_revision_id)
        if published:
            publish(lesson.course)
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
