import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from learning.lessons.models import LessonRevision
from learning.lessons.services import lessons_refresh, renditions_refresh

BEFORE = [("learning", "0003_enrolment_lists"), ("exports", "0003_person_portraits")]


@pytest.fixture
def migrated(transactional_db):
    """The apps as they are after migrating to some point."""

    def to(targets):
        executor = MigrationExecutor(connection)
        executor.migrate(targets)
        return MigrationExecutor(connection).loader.project_state(targets).apps

    leaves = MigrationExecutor(connection).loader.graph.leaf_nodes()
    yield to
    to(leaves)


def test_lessons_that_were_published_are_the_first_release(migrated):
    apps = migrated(BEFORE)
    course = apps.get_model("learning", "Course").objects.create(
        slug="shells", title="殻", status="published", language="ja"
    )
    empty = apps.get_model("learning", "Course").objects.create(
        slug="empty", title="Empty", status="published"
    )
    lessons = apps.get_model("learning", "Lesson").objects
    section = apps.get_model("learning", "Section").objects.create(course=course, title="مقدمة")
    lessons.create(course=course, slug="late", title="Late", status="published", position=1)
    lessons.create(
        course=course, slug="early", title="Early", status="published", section=section, position=9,
        body="See [late](late.md).",
    )  # fmt: skip
    lessons.create(course=course, slug="draft", title="Draft")

    leaves = MigrationExecutor(connection).loader.graph.leaf_nodes()
    apps = migrated(leaves)

    release = apps.get_model("learning", "Release").objects.get()
    entries = release.entries.order_by("position").select_related("revision", "lesson")
    told = [(entry.lesson.slug, entry.section_title, entry.revision.title) for entry in entries]
    assert told == [("early", "مقدمة", "Early"), ("late", "", "Late")]
    assert entries[0].revision.links == {"late": "/courses/shells/late/"}
    assert entries[0].revision.language == "ja"
    courses = apps.get_model("learning", "Course").objects
    assert courses.get(pk=course.pk).newest_release_id == release.pk
    assert courses.get(pk=empty.pk).status == "draft"
    assert apps.get_model("learning", "Lesson").objects.filter(draft_revision=None).count() == 0
    lessons_refresh(course_id=course.pk)
    assert LessonRevision.objects.count() == 3, "what is written has the hash that it has now"
    assert renditions_refresh() == 3
