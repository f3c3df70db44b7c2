import pytest
from django.core.signals import request_finished
from django.db import DatabaseError
from django.http import HttpResponse
from django.test import RequestFactory

from academy.accounts.afterwards import hang_on, put_off

# The end of a request looks at the connection to the database.
pytestmark = pytest.mark.django_db


@pytest.fixture
def told():
    """What happened, in order; the end of the request among it."""
    happened = []

    def finished(**_more):
        happened.append("finished")

    request_finished.connect(finished)
    yield happened
    request_finished.disconnect(finished)


def answered(*works):
    request, response = RequestFactory().get("/"), HttpResponse("日本語")
    for work in works:
        put_off(request, work)
    hang_on(request, response)
    return response


def test_what_was_put_off_is_done_in_order_once_the_answer_is_sent_and_before_the_end(told):
    response = answered(lambda: told.append("first"), lambda: told.append("second"))
    assert told == []
    response.close()
    assert told == ["first", "second", "finished"]
    assert response.closed


def test_it_is_done_once_however_often_the_answer_is_closed(told):
    response = answered(lambda: told.append("work"))
    response.close()
    response.close()
    assert told.count("work") == 1


def test_what_fails_is_written_down_and_stops_nothing(told, caplog):
    def fail():
        raise DatabaseError

    answered(fail, lambda: told.append("next")).close()
    assert told == ["next", "finished"]
    assert "put off until after the answer failed" in caplog.text


def test_what_is_nobodys_fault_but_ours_still_ends_the_request(told):
    def fail():
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        answered(fail).close()
    assert told == ["finished"]
