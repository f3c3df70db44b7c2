import pytest
from django.test import Client

from academy.platform.rates import parse_rate
from exports.lessons.selectors import EXPORT_KIND
from learning.courses.models import Status
from learning.lessons.models import Tier
from scheduler.jobs.models import Job

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("plain_format", "cache")]

FORM = "/courses/tides/moon/export/"


def test_the_form_leads_to_the_job_and_from_there_back(client, alice, lesson):
    client.force_login(alice)

    answer = client.post(FORM, {"format": "plain"})

    job = Job.objects.get(kind=EXPORT_KIND)
    assert answer.status_code == 303
    assert answer["Location"] == f"/jobs/{job.pk}/?next=%2Fcourses%2Ftides%2Fmoon%2F"


def test_the_form_leads_to_a_fresh_document_at_once(client, alice, lesson, put_export):
    export = put_export(lesson)
    client.force_login(alice)

    answer = client.post(FORM, {"format": "pdf"})

    assert (answer.status_code, answer["Location"]) == (
        303,
        f"/api/exports/{export.pk}/download/",
    )


def test_who_is_signed_out_signs_in_and_comes_back_to_the_lesson(client, lesson):
    answer = client.post(FORM, {"format": "pdf"})

    assert answer.status_code == 302
    assert answer["Location"] == "/accounts/sign-in/?next=/courses/tides/moon/"


def test_a_form_of_another_site_is_refused(alice, lesson):
    from_elsewhere = Client(enforce_csrf_checks=True)
    from_elsewhere.force_login(alice)

    assert from_elsewhere.post(FORM, {"format": "pdf"}).status_code == 403
    assert not Job.objects.filter(kind=EXPORT_KIND).exists()


def test_the_form_is_sent_not_visited(client, alice, lesson):
    client.force_login(alice)

    assert client.get(FORM).status_code == 405


@pytest.mark.parametrize(
    ("changes", "format", "status"),
    [
        ({}, "xls", 400),
        ({}, "", 400),
        ({"access": Tier.PREMIUM}, "pdf", 403),
        ({"status": Status.DRAFT}, "pdf", 404),
    ],
)
def test_refusals_are_pages_with_their_status(client, alice, add_lesson, changes, format, status):
    add_lesson(**changes)
    client.force_login(alice)

    answer = client.post(FORM, {"format": format})

    assert answer.status_code == status
    assert answer["Content-Type"].startswith("text/html")


def test_the_limit_on_exports_counts_forms_too(client, alice, lesson, settings):
    settings.RATES = {**settings.RATES, "export": parse_rate("1/h")}
    client.force_login(alice)
    client.post(FORM, {"format": "plain"})

    answer = client.post(FORM, {"format": "plain"})

    assert answer.status_code == 429
    assert int(answer["Retry-After"]) > 0
