"""My jobs, as the page that follows what its person asks for."""

import pytest
from django.contrib.messages import add_message, get_messages
from django.contrib.messages.storage.session import SessionStorage
from django.test import RequestFactory

from scheduler.jobs.views import mine

pytestmark = pytest.mark.django_db
FOLLOWS = 'data-desk data-desk-seq="0"'


@pytest.fixture
def page(client, alice):
    client.force_login(alice)
    return lambda query="", **headers: client.get(f"/jobs/{query}", headers=headers)


def test_the_newest_jobs_follow_and_what_is_chosen_among_them_stands_still(
    page, alice, ask, settings
):
    settings.JOBS_QUEUED_PER_OWNER = 50
    assert FOLLOWS in page().content.decode()
    for _ in range(21):
        ask(alice)
    assert FOLLOWS in page().content.decode()
    for query in ("?status=queued", "?page=2"):
        assert FOLLOWS not in page(query).content.decode(), query


def test_the_part_that_the_script_asks_for_has_the_rows_and_no_frame(page, alice, ask):
    job = ask(alice)
    answer = page(**{"X-Part": "desk"})
    text = answer.content.decode()
    assert str(job.pk) in text
    assert FOLLOWS in text
    assert "<html" not in text
    assert "no-store" in answer["Cache-Control"]


def test_the_part_takes_no_message_from_the_page_that_it_is_for(alice, client):
    request = RequestFactory().get("/jobs/", headers={"X-Part": "desk"})
    request.user, request.session = alice, client.session
    request._messages = SessionStorage(request)
    add_message(request, 20, "Saved.")
    mine(request)
    assert not request._messages.used
    assert [str(message) for message in get_messages(request)] == ["Saved."]


def test_nobodys_job_stands_among_ones_own(page, bob, ask):
    job = ask(bob)
    assert str(job.pk) not in page(**{"X-Part": "desk"}).content.decode()
