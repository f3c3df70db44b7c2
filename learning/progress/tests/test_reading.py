"""What pages and open sockets read, and what happens to it in sets."""

import time
import uuid

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import Client
from django.utils import translation

from academy.accounts.models import User
from learning.courses.live import catalogue_frames, reader_frames, reader_topic, reader_versions
from learning.courses.models import Course
from learning.courses.services import course_changed
from learning.enrolments.models import DripOverride, DripRule, Enrolment
from learning.enrolments.services import enrolment_suspend, enrolment_withdraw
from learning.lessons.models import Lesson
from learning.lessons.services import lesson_save
from learning.progress.live import class_frames, class_versions, progress_frames, progress_versions
from learning.progress.models import CourseProgress, LessonProgress, ProgressEvent
from learning.progress.selectors import marks_of, my_courses, progress_document, recent_activity
from learning.progress.services import (
    NewEvent,
    course_progress_refresh,
    progress_record,
)
from learning.releases.services import course_withdraw
from scheduler.jobs.models import Job

pytestmark = pytest.mark.django_db


def test_marks_stand_beside_the_lessons_that_were_opened(tell, alice, bob, course, lessons):
    tell("completed", "one")
    tell("checkpoint", "two", anchor="pipes", fraction=0.5)
    marks = marks_of(alice, course.pk)
    assert marks[lessons["one"].pk].is_completed
    assert marks[lessons["two"].pk].checkpoint == {"anchor": "pipes", "fraction": 0.5}
    assert lessons["three"].pk not in marks
    assert marks_of(bob, course.pk) == {}
    assert marks_of(None, course.pk) == {}


def test_one_goes_on_where_one_was_and_then_with_what_is_left(tell, alice):
    def place():
        return my_courses(alice)[0].resume.permalink

    assert place() == "shells/one"
    tell("opened", "two")
    assert place() == "shells/two"
    tell("completed", "two")
    assert place() == "shells/three"
    tell("completed", "extra")
    assert place() == "shells/one"
    for slug in ("one", "three"):
        tell("completed", slug)
    assert place() == "shells/three"


def test_one_does_not_go_on_in_a_lesson_that_waits_while_another_is_open(tell, alice, lessons):
    tell("completed", "one")
    DripRule.objects.create(lesson=lessons["two"], kind="after_days", days=3)
    assert my_courses(alice)[0].resume.permalink == "shells/three"
    assert place_of(alice) == "shells/three"
    for slug in ("three", "extra"):
        tell("completed", slug)
    assert my_courses(alice)[0].resume.permalink == place_of(alice) == "shells/two"
    DripOverride.objects.create(
        lesson=lessons["two"], enrolment=Enrolment.objects.get(person=alice), opens_at=None
    )
    DripRule.objects.create(lesson=lessons["three"], kind="after_days", days=3)
    assert my_courses(alice)[0].resume.permalink == "shells/two"


def place_of(person):
    pk = Enrolment.objects.get(person=person).pk
    return progress_document(enrolment_id=pk)["resume"]["lesson"]


def test_what_one_did_last_is_called_as_one_reads_it_and_leads_somewhere(
    tell, alice, lessons, publish
):
    tell("completed", "one")
    tell("checkpoint", "one", anchor="pipes", fraction=0.5)
    tell("opened", "two")
    lesson = lessons["one"]
    lesson.title = "Not published"
    lesson_save(lesson=lesson)
    shown = {activity.permalink: activity for activity in recent_activity(alice)}
    assert "Not published" not in {activity.title for activity in shown.values()}
    assert shown["shells/one"].kind == "completed"
    Lesson.objects.filter(pk=lessons["two"].pk).update(status="draft")
    publish()
    shown = {activity.permalink: activity.title for activity in recent_activity(alice)}
    assert shown == {"shells/one": "Not published"}


def test_my_courses_take_two_queries(tell, alice, django_assert_num_queries):
    tell("completed", "one")
    with django_assert_num_queries(2):
        assert [found.percent for found in my_courses(alice)] == [33]


def test_recent_activity_tells_each_lesson_once_the_newest_first(tell, alice, bob):
    tell("completed", "one", minutes_ago=30)
    tell("opened", "two", minutes_ago=20)
    tell("checkpoint", "three", minutes_ago=10, fraction=0.5)
    found = [(activity.kind, activity.permalink) for activity in recent_activity(alice)]
    assert found == [
        ("checkpoint", "shells/three"),
        ("opened", "shells/two"),
        ("completed", "shells/one"),
    ]
    assert recent_activity(bob) == []


def test_what_one_did_last_names_the_course_of_each_lesson(tell, alice, ingrid, make_lesson):
    tides = Course.objects.create(slug="tides", title="المد", owner=ingrid, status="published")
    ebb = make_lesson("ebb", course=tides, rendered=False)
    there = Enrolment.objects.create(course=tides, person=alice, source="self")
    opened = NewEvent(event_id=uuid.uuid4(), kind="opened", lesson_id=ebb.pk, data={})
    progress_record(enrolment_id=there.pk, acting_user=alice, events=[opened])
    tell("completed", "one", minutes_ago=30)
    shown = [(activity.permalink, activity.course_title) for activity in recent_activity(alice)]
    assert shown == [("tides/ebb", "المد"), ("shells/one", "Shells 🐚")]


def test_frames_speak_the_language_of_their_learner(seat, tell, alice):
    User.objects.filter(pk=alice.pk).update(language="de")
    with translation.override("en"):
        frame = progress_frames([str(seat.pk)])[str(seat.pk)]
    assert frame.data["course"] == "shells"
    assert frame.seq == progress_versions([str(seat.pk)])[str(seat.pk)]
    User.objects.filter(pk=alice.pk).update(language="xx-nothing")
    assert progress_frames([str(seat.pk), "999999", "x"]).keys() == {str(seat.pk)}


def test_a_sweep_of_many_learners_is_one_query(
    seat, enrol, person, django_assert_num_queries, django_assert_max_num_queries
):
    keys = [str(seat.pk), *(str(enrol(person(f"p{n}")).pk) for n in range(20))]
    with django_assert_num_queries(1):
        assert len(progress_versions(keys)) == 21
    with django_assert_max_num_queries(8):
        assert len(progress_frames(keys)) == 21


def test_a_class_frame_names_who_moved_last(seat, tell, enrol, bob, course, lessons):
    key = str(course.pk)
    empty = class_frames(["999999"])["999999"]
    assert (empty.seq, empty.data["learners"]) == (0, [])
    tell("completed", "one")
    his = enrol(bob)
    event = NewEvent(uuid.uuid4(), "completed", lessons["two"].pk, {})
    progress_record(enrolment_id=his.pk, events=[event], acting_user=bob)
    frame = class_frames([key])[key]
    names = [learner["learner"]["name"] for learner in frame.data["learners"]]
    assert names[0] == "Bob"
    assert set(names) == {"Alice", "Bob"}
    assert class_versions([key])[key] == frame.seq


def test_a_class_frame_names_who_came_or_went_last(seat, tell, enrol, bob, course, ingrid):
    tell("completed", "one")
    his = enrol(bob)
    key = str(course.pk)

    def newest():
        learner = class_frames([key])[key].data["learners"][0]
        return learner["learner"]["name"], learner["state"]

    assert newest() == ("Bob", "open")
    before = class_versions([key])[key]
    enrolment_suspend(enrolment=seat, acting_user=ingrid)
    assert newest() == ("Alice", "suspended")
    assert class_versions([key])[key] == class_frames([key])[key].seq > before
    enrolment_withdraw(enrolment=his, acting_user=bob)
    assert newest() == ("Bob", "withdrawn")


def test_a_pinned_learner_is_not_told_of_a_release_that_they_do_not_read(
    course, release, enrol, alice, publish, lessons
):
    Course.objects.filter(pk=course.pk).update(release_policy="pinned")
    course.refresh_from_db()
    hers = enrol(alice, release=release)
    lessons["one"].__class__.objects.filter(pk=lessons["two"].pk).update(status="draft")
    newer = publish()
    course.refresh_from_db()
    own = reader_topic(course, enrolment_id=hers.pk).partition(":")[2]
    newest = reader_topic(course, enrolment_id=None).partition(":")[2]
    frames = reader_frames([own, newest, "999999.0"])
    assert frames.keys() == {own, newest}
    assert (frames[own].data["release"], frames[newest].data["release"]) == (1, newer.number)
    assert "shells/two" in frames[own].data["lessons"]
    assert "shells/two" not in frames[newest].data["lessons"]
    assert reader_versions([newest])[newest] == frames[newest].seq


def test_the_catalogue_tells_only_what_everybody_may_know(course, release, ingrid):
    hidden = Course.objects.create(slug="hidden", title="Hidden", owner=ingrid)
    course_changed(course=hidden, kind="changed")
    unlisted = Course.objects.create(
        slug="unlisted", title="U", owner=ingrid, status="published", visibility="unlisted"
    )
    course_changed(course=unlisted, kind="released")
    Course.objects.filter(pk=course.pk).update(title="A draft of a title")
    changes = catalogue_frames(["all"])["all"].data["changes"]
    assert {(change["slug"], change["title"]) for change in changes} == {("shells", "Shells 🐚")}
    course.refresh_from_db()
    course_withdraw(course=course, acting_user=ingrid)
    newest = catalogue_frames(["all"])["all"].data["changes"][0]
    assert (newest["kind"], newest["slug"], newest["title"]) == ("withdrawn", "shells", "")


def test_a_rebuild_finds_nothing_and_then_whatever_was_spoilt(tell, seat, capsys):
    tell("completed", "one")
    tell("checkpoint", "two", fraction=0.5)
    call_command("rebuild_progress")
    assert capsys.readouterr().out == "1 looked at, 0 changed.\n"
    LessonProgress.objects.filter(lesson__slug="one").update(state="opened")
    LessonProgress.objects.filter(lesson__slug="two").delete()
    CourseProgress.objects.update(percent=99)
    call_command("rebuild_progress", "shells")
    told = capsys.readouterr().out
    assert "state opened -> completed" in told
    assert "was missing" in told
    assert "99 %, now 33 %" in told
    call_command("rebuild_progress", "shells")
    assert capsys.readouterr().out == "1 looked at, 0 changed.\n"
    with pytest.raises(CommandError):
        call_command("rebuild_progress", "nothing")


def test_a_rebuild_removes_what_no_event_tells(seat, lessons):
    LessonProgress.objects.create(enrolment=seat, lesson=lessons["one"], state="completed")
    course_progress_refresh(course_id=seat.course_id)
    assert CourseProgress.objects.get(pk=seat.pk).percent == 33
    call_command("rebuild_progress")
    assert CourseProgress.objects.get(pk=seat.pk).percent == 0
    assert not LessonProgress.objects.exists()


@pytest.fixture
def crowd(course, release, lessons):
    """A thousand learners; every third has completed the first lesson."""
    people = User.objects.bulk_create(User(username=f"crowd{n}") for n in range(1000))
    seats = Enrolment.objects.bulk_create(
        Enrolment(course=course, person=person, source="import") for person in people
    )
    CourseProgress.objects.bulk_create(
        CourseProgress(enrolment=seat, release=release, required_count=3, percent=0, seq=1)
        for seat in seats
    )
    LessonProgress.objects.bulk_create(
        LessonProgress(enrolment=seat, lesson=lessons["one"], state="completed", completed_at=at)
        for seat, at in [(seat, release.published_at) for seat in seats[::3]]
    )
    return seats


def test_a_thousand_learners_are_refreshed_in_few_statements(
    crowd, course, django_assert_max_num_queries
):
    started = time.perf_counter()
    with django_assert_max_num_queries(14):
        assert course_progress_refresh(course_id=course.pk) == 334
    # Measured: 0.1 s on an idle machine.
    assert time.perf_counter() - started < 5
    assert CourseProgress.objects.filter(percent=33, completed_count=1, seq=2).count() == 334
    assert course_progress_refresh(course_id=course.pk) == 0


def test_publishing_to_a_large_class_leaves_its_percentages_to_a_job(
    crowd, course, tell, alice, make_lesson, publish
):
    tell("completed", "one")
    course_progress_refresh(course_id=course.pk)
    Job.objects.all().delete()
    make_lesson("four", rendered=False, published=False)
    newer = publish()

    assert CourseProgress.objects.filter(release=newer).count() == 0
    job = Job.objects.get(kind="learning.course_progress")
    tell("completed", "two")
    assert CourseProgress.objects.get(enrolment__person=alice).percent == 50
    assert CourseProgress.objects.filter(release=newer).count() == 1

    assert course_progress_refresh(**job.params) == 1000
    assert CourseProgress.objects.filter(release=newer, required_count=4).count() == 1001
    assert CourseProgress.objects.filter(percent=25).count() == 334


def test_publishing_to_a_small_class_needs_no_job(seat, make_lesson, publish):
    make_lesson("four", rendered=False, published=False)
    newer = publish()
    assert CourseProgress.objects.get(pk=seat.pk).release == newer
    assert not Job.objects.filter(kind="learning.course_progress").exists()


def test_events_and_what_follows_from_them_are_read_only_in_the_admin(tell, olga):
    tell("completed")
    client = Client()
    client.force_login(olga)
    for name, pk in (
        ("progressevent", ProgressEvent.objects.get().pk),
        ("lessonprogress", LessonProgress.objects.get().pk),
        ("courseprogress", CourseProgress.objects.get().pk),
    ):
        assert client.get(f"/admin/learning/{name}/").status_code == 200
        assert client.get(f"/admin/learning/{name}/?q=alice").status_code == 200
        assert client.get(f"/admin/learning/{name}/{pk}/change/").status_code == 200
        assert (
            client.post(f"/admin/learning/{name}/{pk}/delete/", {"post": "yes"}).status_code == 403
        )
        assert client.get(f"/admin/learning/{name}/add/").status_code == 403
