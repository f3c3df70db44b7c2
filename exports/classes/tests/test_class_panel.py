"""The control on the class's page, with scripts and without."""

import pytest
from django.test import Client

from academy.platform.rates import parse_rate
from exports.classes.selectors import CLASS_KIND
from scheduler.jobs.models import Job, Status
from scheduler.jobs.subjects import subject_urls

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("cache")]

FORM = "/courses/tides/class/csv/"


def test_the_form_leads_to_the_job_and_from_there_back(client, ingrid, course):
    client.force_login(ingrid)

    answer = client.post(FORM, {"format": "csv"})

    job = Job.objects.get(kind=CLASS_KIND)
    assert answer.status_code == 303
    assert answer["Location"] == f"/jobs/{job.pk}/?next=%2Fcourses%2Ftides%2Fclass%2F"


def test_the_form_leads_to_a_fresh_file_at_once(client, ingrid, made):
    url = made()
    client.force_login(ingrid)

    assert client.post(FORM, {"format": "csv"})["Location"] == url


def test_a_form_of_another_site_is_refused(ingrid, course):
    from_elsewhere = Client(enforce_csrf_checks=True)
    from_elsewhere.force_login(ingrid)

    assert from_elsewhere.post(FORM, {"format": "csv"}).status_code == 403
    assert not Job.objects.filter(kind=CLASS_KIND).exists()


def test_the_limit_on_exports_counts_them_too(client, ingrid, course, settings):
    settings.RATES = {**settings.RATES, "export": parse_rate("1/h")}
    client.force_login(ingrid)
    client.post(FORM, {"format": "csv"})

    assert client.post(FORM, {"format": "csv"}).status_code == 429


def test_the_control_shows_the_persons_own_job(client, ingrid, olga, course):
    client.force_login(ingrid)
    client.post(FORM, {"format": "csv"})
    job = Job.objects.get(kind=CLASS_KIND)

    assert str(job.pk) in client.get("/courses/tides/class/").content.decode()
    client.force_login(olga)
    page = client.get("/courses/tides/class/").content.decode()
    assert str(job.pk) not in page
    assert 'data-api-url="/api/courses/tides/class/export/"' in page


def test_what_was_made_before_does_not_stand_in_the_way_of_another(client, ingrid, course, made):
    made()
    client.force_login(ingrid)

    page = client.get("/courses/tides/class/").content.decode()

    assert str(Job.objects.get(kind=CLASS_KIND).pk) not in page
    assert "Make CSV" in page


def test_a_job_that_failed_stands_there_with_why(client, ingrid, course):
    client.force_login(ingrid)
    client.post(FORM, {"format": "csv"})
    Job.objects.update(status=Status.FAILED, error_code="boom", error_detail="It broke 🙈")

    assert "It broke 🙈" in client.get("/courses/tides/class/").content.decode()


def test_a_job_leads_back_to_the_class(course):
    assert subject_urls([f"class:{course.pk}", "class:999999", "class:x"]) == {
        f"class:{course.pk}": "/courses/tides/class/"
    }
