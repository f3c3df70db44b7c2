import sys
from subprocess import run

import pytest
from django.contrib.auth.models import AnonymousUser
from django.test import RequestFactory
from django.urls import reverse

from exports.conftest import reading
from exports.lessons import paths
from exports.lessons.engine import engine_fingerprint
from exports.lessons.selectors import EXPORT_KIND
from exports.lessons.services import lesson_export_request
from exports.lessons.wiring import export_panel
from learning.courses.models import CourseGrant
from learning.lessons.facets import facets_of
from learning.lessons.models import Tier
from scheduler.jobs.models import Job
from scheduler.jobs.subjects import subject_urls

pytestmark = pytest.mark.django_db


@pytest.fixture
def panel():
    def show(person, lesson):
        request = RequestFactory().get("/")
        request.user = person
        return export_panel(request, reading(person, lesson))

    return show


def test_a_lesson_tells_where_its_documents_are(alice, lesson, put_export):
    pdf = put_export(lesson, format="pdf")

    facets = facets_of([reading(alice, lesson)])[lesson.pk]

    assert facets["export_pdf"] == f"/api/exports/{pdf.pk}/download/"
    assert facets["export_docx"] is None
    assert facets["export_generated_at"] == pdf.generated_at


def test_the_time_is_that_of_the_newest_document(alice, lesson, put_export, age):
    age(put_export(lesson, format="pdf"), generated_at=100)
    newest = put_export(lesson, format="docx")

    assert (
        facets_of([reading(alice, lesson)])[lesson.pk]["export_generated_at"] == newest.generated_at
    )


def test_a_replaced_document_is_no_longer_told_of(alice, lesson, put_export):
    put_export(lesson, data=b"old")
    new = put_export(lesson, data=b"new")

    assert facets_of([reading(alice, lesson)])[lesson.pk]["export_pdf"] == paths.download_path(
        new.pk
    )


def test_documents_of_premium_lessons_are_told_to_those_who_may_read_them(
    alice, bob, course, add_lesson, put_export
):
    premium = add_lesson(access=Tier.PREMIUM)
    put_export(premium)
    CourseGrant.objects.create(course=course, person=bob)

    assert facets_of([reading(alice, premium)])[premium.pk]["export_pdf"] is None
    assert facets_of([reading(bob, premium)])[premium.pk]["export_pdf"]


def test_facets_cost_the_same_for_one_lesson_and_for_many(
    alice, add_lesson, put_export, django_assert_num_queries
):
    lessons = [add_lesson(f"star{number}") for number in range(4)]
    for lesson in lessons:
        put_export(lesson)

    for some in (lessons[:1], lessons):
        readings = [reading(alice, lesson) for lesson in some]
        with django_assert_num_queries(3):
            facets_of(readings)


def test_the_panel_offers_each_format(panel, alice, lesson):
    shown = panel(alice, lesson)

    assert 'data-api-url="/api/lessons/tides/moon/export/"' in shown
    assert 'action="/courses/tides/moon/export/"' in shown
    assert 'data-export-format="pdf"' in shown
    assert 'data-export-format="docx"' in shown


def test_the_panel_shows_the_persons_own_job(panel, alice, bob, lesson):
    lesson_export_request(reading=reading(alice, lesson), format="pdf")
    job = Job.objects.get(kind=EXPORT_KIND)

    assert str(job.pk) in panel(alice, lesson)
    assert str(job.pk) not in panel(bob, lesson)


def test_the_panel_leads_to_the_document(panel, alice, lesson, put_export):
    export = put_export(lesson)

    assert paths.download_path(export.pk) in panel(alice, lesson)


def test_the_panel_asks_strangers_to_sign_in(panel, lesson):
    shown = panel(AnonymousUser(), lesson)

    assert "/accounts/sign-in/?next=%2Fcourses%2Ftides%2Fmoon%2F" in shown


def test_a_subject_leads_to_the_lesson(lesson):
    assert subject_urls([f"lesson:{lesson.pk}", "lesson:999999", "lesson:x"]) == {
        f"lesson:{lesson.pk}": "/courses/tides/moon/"
    }


def test_addresses_written_out_are_those_of_the_routes(lesson, put_export):
    export = put_export(lesson)
    names = {"course": "tides", "lesson": "moon"}

    assert paths.download_path(export.pk) == reverse("exports:download", args=[export.pk])
    assert paths.export_api_path("tides/moon") == reverse("exports:lesson-export-api", kwargs=names)
    assert paths.export_form_path("tides/moon") == reverse("exports:lesson-export", kwargs=names)


def test_a_web_process_knows_the_engine_without_loading_it():
    code = (
        "import sys, django; django.setup();"
        "from exports.lessons.engine import engine_fingerprint;"
        "print(engine_fingerprint(), sorted({'weasyprint', 'docx', 'ziamath'} & set(sys.modules)))"
    )
    ran = run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert ran.stdout.split() == [engine_fingerprint(), "[]"]
