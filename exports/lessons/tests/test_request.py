import threading

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.db.models.functions import Now
from django.test.utils import CaptureQueriesContext

from academy.accounts.errors import SignedOutError
from academy.accounts.models import User
from exports.conftest import reading
from exports.lessons.errors import UnknownFormatError
from exports.lessons.models import LessonExport
from exports.lessons.selectors import EXPORT_KIND
from exports.lessons.services import Ready, Started, lesson_export_renew, lesson_export_request
from exports.lessons.tests import plain
from learning.conftest import publish, save_and_publish
from learning.courses.models import CourseGrant, Status
from learning.lessons.errors import LessonLockedError, LessonNotFoundError
from learning.lessons.models import Lesson, Tier
from scheduler.jobs.models import Job
from scheduler.jobs.services import job_retry, job_submit

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("plain_format")]


def ask(person, lesson):
    return lesson_export_request(reading=reading(person, lesson), format="plain")


def flights():
    return Job.objects.filter(kind=EXPORT_KIND).count()


def test_the_first_request_starts_a_job_that_says_what_it_makes(alice, lesson):
    outcome = ask(alice, lesson)

    assert isinstance(outcome, Started)
    assert outcome.stale is None
    assert outcome.job.title == "Tides: The moon - Text"
    assert outcome.job.subject == f"lesson:{lesson.pk}"
    assert outcome.job.params == {
        "revision_id": lesson.draft_revision_id,
        "format": "plain",
        "is_draft": False,
    }


def test_a_fresh_document_is_answered_at_once_to_everybody(alice, bob, lesson, work):
    ask(alice, lesson)
    work()

    outcome = ask(bob, lesson)

    assert isinstance(outcome, Ready)
    assert outcome.exported.is_fresh
    assert flights() == 1


def test_people_who_ask_for_the_same_content_join_one_job(alice, bob, lesson):
    assert ask(alice, lesson).job == ask(bob, lesson).job


def test_an_edited_lesson_is_rendered_anew_while_the_old_document_serves(alice, lesson, work):
    ask(alice, lesson)
    work()
    lesson.body = "It pulls **twice** a day."
    save_and_publish(lesson)

    outcome = ask(alice, lesson)

    assert isinstance(outcome, Started)
    assert outcome.stale is not None
    assert not outcome.stale.is_fresh
    work()
    assert isinstance(ask(alice, lesson), Ready)
    assert len(plain.rendered) == 2


def edited(lesson, body):
    lesson.body = body
    return save_and_publish(lesson)


def test_a_lesson_that_is_edited_back_has_its_earlier_document_again(alice, bob, lesson, work, age):
    ask(alice, lesson)
    work()
    first = LessonExport.objects.get()
    body = lesson.body
    ask(alice, edited(lesson, "It pulls **twice** a day."))
    work()
    edited(lesson, body)

    outcome = ask(bob, lesson)

    assert isinstance(outcome, Ready)
    assert outcome.exported.id == first.pk
    assert outcome.exported.is_fresh
    assert LessonExport.objects.get(replaced_at=None) == first
    assert len(plain.rendered) == 2
    assert flights() == 2
    assert ask(alice, edited(lesson, "It pulls **twice** a day.")).exported.is_fresh
    age(first, generated_at=10**6)
    assert isinstance(ask(bob, edited(lesson, body)), Started)


def test_many_edits_cost_a_request_nothing(alice, lesson, work):
    def again():
        with CaptureQueriesContext(connection) as queries:
            assert isinstance(ask(alice, lesson), Ready)
        return len(queries)

    ask(alice, lesson)
    work()
    once = again()
    for number in range(4):
        ask(alice, edited(lesson, f"Edit {number}."))
        work()

    assert again() == once


@pytest.mark.parametrize(("seconds", "kind"), [(3500, Ready), (3700, Started)])
def test_a_document_is_fresh_until_its_time_is_over(
    alice, lesson, work, age, settings, seconds, kind
):
    settings.EXPORT_TTL_SECONDS = 3600
    ask(alice, lesson)
    work()
    age(LessonExport.objects.get(), generated_at=seconds)

    assert isinstance(ask(alice, lesson), kind)


def test_another_engine_makes_documents_stale(alice, lesson, work, monkeypatch):
    ask(alice, lesson)
    work()
    monkeypatch.setattr("exports.lessons.inputs.engine_fingerprint", lambda: "another")

    assert isinstance(ask(alice, lesson), Started)


def test_a_document_that_another_request_got_made_meanwhile_is_answered(
    alice, lesson, put_export, monkeypatch, django_capture_on_commit_callbacks
):
    def made_meanwhile(**arguments):
        put_export(lesson, format="plain")
        return job_submit(**arguments)

    monkeypatch.setattr("exports.lessons.services.job_submit", made_meanwhile)

    with django_capture_on_commit_callbacks() as callbacks:
        outcome = ask(alice, lesson)

    assert isinstance(outcome, Ready)
    assert flights() == 0
    assert callbacks == []


def test_strangers_have_to_sign_in(lesson):
    with pytest.raises(SignedOutError):
        ask(AnonymousUser(), lesson)


def test_premium_lessons_need_access(alice, bob, ingrid, olga, add_lesson, course):
    premium = add_lesson("sun", access=Tier.PREMIUM)
    CourseGrant.objects.create(course=course, person=bob)

    with pytest.raises(LessonLockedError):
        ask(alice, premium)
    for person in (bob, ingrid, olga):
        assert isinstance(ask(person, premium), Started)


def test_drafts_do_not_exist_for_others(alice, ingrid, add_lesson):
    draft = add_lesson("sun", status=Status.DRAFT)

    with pytest.raises(LessonNotFoundError):
        ask(alice, draft)
    assert isinstance(ask(ingrid, draft), Started)


def test_an_unknown_format_is_refused_by_name(alice, lesson):
    with pytest.raises(UnknownFormatError) as refused:
        lesson_export_request(reading=reading(alice, lesson), format="xls")

    assert refused.value.attr == "format"
    assert "plain" in str(refused.value)


def test_an_operator_can_have_a_document_made_anew(alice, olga, lesson, work):
    ask(alice, lesson)
    work()
    body = lesson.body
    ask(alice, edited(lesson, "It pulls **twice** a day."))
    work()
    edited(lesson, body)
    export = LessonExport.objects.select_related("lesson__course", "revision").get(replaced_at=None)

    lesson_export_renew(export=export, acting_user=olga)

    assert isinstance(ask(alice, lesson), Started)
    work()
    assert len(plain.rendered) == 3
    assert isinstance(ask(alice, lesson), Ready)


@pytest.fixture
def ended(lesson):
    """Asks for a document of the lesson; the job has ended badly."""

    def end(person):
        job = ask(person, lesson).job
        Job.objects.filter(pk=job.pk).update(status="failed", finished_at=Now())
        return job

    return end


def test_trying_again_makes_the_lesson_as_it_is_now(alice, bob, lesson, ended):
    failed = ended(alice)
    edited(lesson, "It pulls **twice** a day.")

    again = job_retry(job_id=failed.pk, acting_user=alice).job

    assert again.retry_of_id == failed.pk
    assert again.params == {**failed.params, "revision_id": lesson.draft_revision_id}
    assert again.dedup_key != failed.dedup_key
    assert ask(bob, lesson).job == again


def test_who_lost_access_cannot_try_again(alice, olga, course, lesson, add_lesson, ended):
    grant = CourseGrant.objects.create(course=course, person=alice)
    Lesson.objects.filter(pk=lesson.pk).update(access=Tier.PREMIUM)
    publish(course)
    failed = ended(alice)
    grant.delete()

    for person in (alice, olga):
        with pytest.raises(LessonLockedError):
            job_retry(job_id=failed.pk, acting_user=person)
    add_lesson("sun")
    Lesson.objects.filter(pk=lesson.pk).update(status=Status.DRAFT)
    publish(course)
    with pytest.raises(LessonNotFoundError):
        job_retry(job_id=failed.pk, acting_user=alice)
    course.delete()
    with pytest.raises(LessonNotFoundError):
        job_retry(job_id=failed.pk, acting_user=alice)
    assert flights() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("for_threads")
def test_twenty_people_who_ask_at_once_cause_one_render(lesson, work, settings):
    settings.JOBS_QUEUED_PER_OWNER = 1000
    people = [User.objects.create_user(f"learner{number}") for number in range(20)]
    together = threading.Barrier(21)
    outcomes = []

    def one(person):
        together.wait()
        try:
            outcomes.append(ask(person, lesson))
        finally:
            connection.close()

    threads = [threading.Thread(target=one, args=[person]) for person in people]
    for thread in threads:
        thread.start()
    together.wait()
    # A worker takes the job and finishes it while the others still ask.
    while not work():
        pass
    for thread in threads:
        thread.join()
    work()

    assert len(outcomes) == 20
    assert len(plain.rendered) == 1
    assert LessonExport.objects.count() == 1
