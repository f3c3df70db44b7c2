"""What a change costs: texts are read where something changed that they may mean, and only there."""

import re
from urllib.parse import unquote

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from learning.conftest import png, publish
from learning.courses.models import Course
from learning.courses.services.covers import cover_remove, cover_set
from learning.courses.services.editing import course_edit
from learning.courses.services.figures import figure_put
from learning.lessons.models import Lesson, LessonRevision
from learning.lessons.rendering import mentioned
from learning.lessons.services import contents_set, lesson_edit, lessons_set_status
from learning.releases.services import release_publish
from scheduler.jobs.models import Job

_TEXT = re.compile(r'"learning_lesson(?:revision)?"\."body"')


def texts_read(act):
    """The conditions of the queries that read texts of lessons."""
    with CaptureQueriesContext(
        connection,
    ) as queries:
        act()
    asked = [query["sql"].partition(" FROM ") for query in queries if "FROM" in query["sql"]]
    return [rest for columns, _from, rest in asked if _TEXT.search(columns)]


@pytest.fixture
def lessons(make_lesson, course):
    made = [make_lesson(f"l{n}", body=f"Text {n}, 日本.", published=False) for n in range(3)]
    publish(course)
    Job.objects.all().delete()
    return made


@pytest.mark.parametrize(
    "values",
    [
        {"seat_limit": 7},
        {"price": 900, "visibility": "unlisted"},
        {"summary": "Neu.", "description": "*Neu*", "level": "advanced"},
        {},
    ],
)
def test_what_no_document_shows_of_a_course_reads_no_text(lessons, course, values):
    read = Course.objects.get(pk=course.pk)
    assert texts_read(lambda: course_edit(course=read, values=values)) == []
    assert not Job.objects.exists()


def test_a_new_title_of_a_lesson_reads_its_own_text_alone(lessons):
    first = Lesson.objects.select_related("course").get(pk=lessons[0].pk)
    read = texts_read(lambda: lesson_edit(lesson=first, values={"title": "🌊"}))
    assert read
    own = (f'"learning_lesson"."id" = {first.pk}', f'"learning_lesson"."id" IN ({first.pk})')
    assert [rest for rest in read if not any(one in rest for one in own)] == []
    (job,) = Job.objects.all()
    assert job.params == {"revision_id": first.draft_revision_id}
    assert first.draft_revision.title == "🌊"


def test_order_and_status_read_no_text_of_another(lessons, course):
    slugs = [lesson.slug for lesson in reversed(lessons)]
    assert texts_read(lambda: contents_set(course=course, sections=[("", slugs)])) == []
    assert (
        texts_read(lambda: lessons_set_status(lessons=Lesson.objects.all(), status="draft")) == []
    )
    assert not Job.objects.exists()


def test_publishing_reads_the_text_that_passed_the_services_and_no_other(lessons, course):
    lesson_edit(lesson=lessons[0], values={"body": "New."})
    assert texts_read(lambda: publish(course)) == []
    Lesson.objects.filter(pk=lessons[1].pk).update(body="Newer.")
    (rest,) = texts_read(lambda: publish(course))
    assert f'"learning_lesson"."id" IN ({lessons[1].pk})' in rest
    newest = Course.objects.get().newest_release
    bodies = LessonRevision.objects.filter(release_entries__release=newest).order_by("lesson_id")
    assert list(bodies.values_list("body", flat=True)) == ["New.", "Newer.", "Text 2, 日本."]


def test_a_text_that_names_a_lesson_before_it_is_there_links_to_it_then(make_lesson):
    linking = make_lesson("pipes", body="See [loops](loops%2Emd) and [rings](rings.md).")
    assert linking.draft_revision.links == {}
    loops = make_lesson("loops")
    linking.refresh_from_db()
    assert linking.draft_revision.links == {"loops": "/courses/shells/loops/"}
    lesson_edit(lesson=loops, values={"slug": "rings"})
    linking.refresh_from_db()
    assert linking.draft_revision.links == {"rings": "/courses/shells/rings/"}


@pytest.mark.parametrize(
    "target",
    [
        "%E6%97%A5本",
        "é%20x",
        "%E6%97",
        "%E6x%97%A5",
        "100%",
        "%zz%41",
        "%%41",
        "%F0%9F%90%9A",
        "%c3é%a9",
    ],
)
def test_what_hides_a_name_in_a_text_is_read_as_addresses_are(target):
    assert mentioned(f"日本 [x]({target}) ü", [unquote(target)])
    assert not mentioned(f"日本 [x]({target}) ü", ["elsewhere"])


def test_a_name_that_two_lessons_have_means_the_later_one_also_after_they_changed_places(
    make_lesson, course
):
    for place, slug in enumerate(("a", "b"), start=1):
        make_lesson(slug, source_name=f"{slug}/intro.md", position=place, body="Text.")
    linking = make_lesson("pipes", body="See [it](intro.md).", position=3)
    assert linking.draft_revision.links["intro"] == "/courses/shells/b/"
    contents_set(course=course, sections=[("", ["b", "a", "pipes"])])
    linking.refresh_from_db()
    assert linking.draft_revision.links["intro"] == "/courses/shells/a/"
    lesson_edit(lesson=Lesson.objects.get(slug="b"), values={"position": 9})
    linking.refresh_from_db()
    assert linking.draft_revision.links["intro"] == "/courses/shells/b/"


def test_a_lesson_that_shows_what_was_the_cover_follows_it(make_lesson, course, ingrid):
    data = png("green")
    cover = cover_set(course=course, data=data, acting_user=ingrid)
    cover_remove(course=course, acting_user=ingrid)
    lesson = make_lesson(body=f"![x]({cover.name.replace('/', '%2F')})")
    assert lesson.draft_revision.figures == {}
    cover_set(course=course, data=data, acting_user=ingrid)
    lesson.refresh_from_db()
    assert list(lesson.draft_revision.figures) == [cover.name]


def test_a_figure_under_a_known_name_is_something_to_publish(make_lesson, course):
    figure_put(course_id=course.pk, name="fig/a.png", data=png("red"))
    make_lesson(body="![a](fig/a.png)")
    figure_put(course_id=course.pk, name="fig/a.png", data=png("blue"))
    assert release_publish(course=course, acting_user=None).number == 2
