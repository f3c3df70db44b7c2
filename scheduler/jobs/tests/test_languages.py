"""What a job says, in the language of who reads it."""

import pytest
from django.utils.translation import get_language, gettext_noop, override

from academy.accounts.models import User
from academy.platform.steps import step_kept, step_told
from scheduler.jobs import services
from scheduler.jobs.live import frames, personal
from scheduler.jobs.models import Job, Status
from scheduler.jobs.selectors import status_documents
from scheduler.jobs.tasks.running import execute


def seen(job, person):
    return personal(frames([str(job.pk)])[str(job.pk)], person=person).data


@pytest.fixture
def bernd(db):
    return User.objects.create_user("bernd", language="de")


def test_each_reads_the_step_in_their_language(ask, alice, bernd):
    job = ask(alice)
    Job.objects.filter(pk=job.pk).update(step=gettext_noop("Drawing the figures"))
    assert seen(job, alice)["step"] == "Drawing the figures"
    assert seen(job, bernd)["step"] == "Abbildungen werden gezeichnet"


def test_each_reads_a_step_with_numbers_in_their_language(ask, alice, bernd):
    job = ask(alice)
    kept = step_kept(gettext_noop("Writing page %(page)d of %(pages)d"), page=2, pages=5)
    Job.objects.filter(pk=job.pk).update(step=kept)
    assert seen(job, alice)["step"] == "Writing page 2 of 5"
    with override("de"):
        german = seen(job, bernd)["step"]
        assert german == status_documents([job.pk], person_id=bernd.pk)[str(job.pk)]["step"]
    assert "2" in german
    assert "5" in german
    assert "Writing" not in german


def test_a_step_from_before_stays_as_it_was_kept():
    assert step_told("Page 2 of 5 (100 %)") == "Page 2 of 5 (100 %)"
    assert step_told("") == ""


def test_a_kind_is_named_in_the_readers_language_and_a_title_stays(declare, alice, bernd):
    kind = declare(label=gettext_noop("Draft"))
    plain = services.job_submit(kind=kind.name, params={"n": 1}, person_id=alice.pk).job
    named = services.job_submit(
        kind=kind.name, params={"n": 2}, person_id=alice.pk, title="Running"
    ).job
    assert (seen(plain, alice)["title"], seen(plain, bernd)["title"]) == ("Draft", "Entwurf")
    assert seen(named, bernd)["title"] == "Running"


def test_why_a_job_ended_is_told_in_the_readers_language(ask, alice, bernd):
    job = ask(alice)
    Job.objects.filter(pk=job.pk).update(status=Status.FAILED, error_code="time_limit")
    assert seen(job, alice)["error"]["detail"] == "It took longer than allowed and was stopped."
    told = seen(job, bernd)["error"]
    assert told["code"] == "time_limit"
    assert told["detail"] != "It took longer than allowed and was stopped."


@pytest.mark.usefixtures("for_threads")
def test_a_job_runs_in_the_language_of_who_asked(declare):
    told = []
    kind = declare(lambda context: told.append(get_language()))
    for language in ("de", "tlh", None):
        person = User.objects.create_user(f"p-{language}", language=language) if language else None
        job = services.job_submit(
            kind=kind.name, params={}, person_id=person.pk if person else None
        ).job
        execute(kind, job_id=str(job.pk), worker="w1")
    assert told == ["de", "en", "en"]
