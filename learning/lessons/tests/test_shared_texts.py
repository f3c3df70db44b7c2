"""A course's new title, address, language or owner leaves the texts of its lessons where they are."""

from datetime import timedelta

import pytest
from django.db import connection
from django.db.models.functions import Now
from django.test.utils import CaptureQueriesContext

from academy.accounts.models import User
from learning.conftest import publish
from learning.courses.models import Course
from learning.courses.services.editing import course_delete, course_edit
from learning.lessons.models import Lesson, LessonRevision
from learning.lessons.services import (
    lesson_edit,
    lessons_refresh,
    revision_render,
    revisions_collect,
)
from learning.lessons.tests.test_following import texts_read
from learning.releases.comparing import release_compare

TEXT = "Siehe [rings](rings.md). 日本 🐚"


@pytest.fixture
def lessons(make_lesson, course):
    made = [make_lesson(f"l{n}", body=f"{TEXT} {n}", published=False) for n in range(3)]
    publish(course)
    return made


def edited(course, **values):
    return course_edit(course=Course.objects.get(pk=course.pk), values=values)


def drafts():
    lessons = Lesson.objects.order_by("pk").select_related("draft_revision__text_of")
    return [lesson.draft_revision for lesson in lessons]


def hashed_in_the_former_way():
    """As rows were before texts had digests."""
    for revision in LessonRevision.objects.all():
        old = f"{revision.pk:064}"
        LessonRevision.objects.filter(pk=revision.pk).update(text_digest=None, content_hash=old)
        Lesson.objects.filter(draft_revision=revision).update(content_hash=old)


@pytest.mark.parametrize(
    "values",
    [{"title": "貝"}, {"slug": "muscheln"}, {"language": "de"}, {"owner": None}],
    ids=lambda values: next(iter(values)),
)
def test_no_text_is_read_or_written_and_each_is_said_as_before(lessons, course, values):
    before = drafts()
    assert texts_read(lambda: edited(course, **values)) == []
    after = drafts()
    assert [draft.body for draft in after] == ["", "", ""]
    assert [draft.text for draft in after] == [draft.text for draft in before]
    assert all(old.pk != new.pk for old, new in zip(before, after, strict=True))
    assert texts_read(lambda: publish(course)) == []
    newest = Course.objects.get().newest_release
    assert [entry.revision_id for entry in newest.entries.all()] == [draft.pk for draft in after]


def test_as_many_queries_whatever_there_is_to_say(lessons, course, make_lesson):
    with CaptureQueriesContext(connection) as few:
        edited(course, title="Few")
    for number in range(3, 15):
        make_lesson(f"l{number}", body=f"{TEXT} {number}" * 1000, published=False)
    with CaptureQueriesContext(connection) as many:
        edited(course, title="Many")
    more_jobs = 12 * sum("scheduler_job" in query["sql"] for query in few)
    assert len(many) <= len(few) + more_jobs
    others = [
        [query["sql"] for query in queries if "learning_" in query["sql"]]
        for queries in (few, many)
    ]
    assert len(others[0]) == len(others[1])
    assert all(TEXT not in sql for sql in others[1])


def test_a_text_stays_with_the_one_that_had_it_first_and_links_move(lessons, course, make_lesson):
    make_lesson("rings", published=False)
    (first, *_rest) = drafts()
    edited(course, slug="muscheln")
    edited(course, title="Muscheln")
    last = drafts()[0]
    assert (last.text_of_id, last.text_digest) == (first.text_of_id, first.text_digest)
    assert last.links == {"rings": "/courses/muscheln/rings/"}
    assert revision_render(revision_id=last.pk)
    last.rendition.refresh_from_db()
    assert "/courses/muscheln/rings/" in last.rendition.body_html
    edited(course, slug="shells", title=course.title)
    assert drafts()[0].pk == first.pk, "equal content is one revision"


def test_a_new_text_after_that_is_kept_whole(lessons, course):
    edited(course, title="Other")
    lesson = lesson_edit(lesson=Lesson.objects.get(slug="l1"), values={"body": "New."})
    draft = LessonRevision.objects.get(pk=lesson.draft_revision_id)
    assert (draft.body, draft.text_of_id, draft.course_title) == ("New.", None, "Other")
    Lesson.objects.filter(slug="l2").update(body="Past the services.")
    edited(course, title="Another")
    told = [(draft.text, draft.course_title) for draft in drafts()]
    assert told == [
        (f"{TEXT} 0", "Another"),
        ("New.", "Another"),
        ("Past the services.", "Another"),
    ]


def test_what_was_kept_before_texts_had_digests_stands_with_its_hash(lessons, course):
    hashed_in_the_former_way()
    before = {draft.pk: draft.content_hash for draft in drafts()}
    lessons_refresh(course_id=course.pk)
    lesson_edit(lesson=Lesson.objects.get(slug="l1"), values={"body": f"{TEXT} 1"})
    assert {draft.pk: draft.content_hash for draft in drafts()} == before
    assert release_compare(Course.objects.get()).is_same
    edited(course, title="Other")
    assert len(release_compare(Course.objects.get()).touched) == 3
    assert all(draft.text_of_id in before for draft in drafts())
    edited(course, title=course.title)
    assert {draft.pk: draft.content_hash for draft in drafts()} == before
    assert LessonRevision.objects.count() == 6


def test_what_the_release_says_in_the_former_way_is_compared_by_what_it_says(lessons, course):
    hashed_in_the_former_way()
    # As if somebody had gone back to it: the draft is a revision of its own.
    Lesson.objects.update(draft_revision=None)
    assert release_compare(Course.objects.get()).is_same
    Lesson.objects.filter(slug="l1").update(body="New.")
    diff = release_compare(Course.objects.get())
    assert ([change.place.title for change in diff.changed], diff.touched) == (["L1"], ())


def test_a_text_that_another_revision_says_outlives_its_own(lessons, course):
    edited(course, title="Other")
    publish(course)
    LessonRevision.objects.update(created_at=Now() - timedelta(days=9))
    course = Course.objects.get()
    course.releases.exclude(pk=course.newest_release_id).delete()
    assert revisions_collect(older_than_seconds=60) == 0
    assert [draft.text for draft in drafts()] == [f"{TEXT} {n}" for n in range(3)]
    Lesson.objects.update(draft_revision=None)
    Course.objects.update(newest_release=None)
    course.releases.all().delete()
    assert revisions_collect(older_than_seconds=60) == 3
    assert revisions_collect(older_than_seconds=60) == 3


def test_a_course_whose_revisions_share_texts_can_be_deleted(lessons, course):
    edited(course, title="Other")
    course_delete(course=Course.objects.get())
    assert not LessonRevision.objects.exists()


def test_an_owner_who_is_renamed_leaves_the_texts_too(lessons, ingrid):
    person = User.objects.get(pk=ingrid.pk)
    person.display_name = "Ingrid Å."
    assert texts_read(person.save) == []
    assert {draft.author for draft in drafts()} == {"Ingrid Å."}


def test_operators_read_the_text_wherever_it_is_kept(lessons, course, admin_client):
    edited(course, title="Other")
    page = admin_client.get(f"/admin/learning/lessonrevision/{drafts()[0].pk}/change/")
    assert TEXT in page.content.decode()
