"""An operator looks at enrolments, and changes them without breaking anything."""

import pytest
from django.contrib import admin

from learning.courses.models import Course
from learning.enrolments.models import (
    Cohort,
    DripOverride,
    DripRule,
    Enrolment,
    EnrolmentKey,
    EnrolmentList,
    EnrolmentListLine,
)
from learning.enrolments.services import key_make

MODELS = [
    Cohort,
    DripOverride,
    DripRule,
    Enrolment,
    EnrolmentKey,
    EnrolmentList,
    EnrolmentListLine,
]


@pytest.fixture
def desk(client, olga, settings, cache):
    client.force_login(olga)
    return client


@pytest.fixture
def rows(course, lessons, alice, ingrid):
    cohort = Cohort.objects.create(course=course, name="Spring")
    enrolment = Enrolment.objects.create(course=course, person=alice, source="self")
    kept = EnrolmentList.objects.create(course=course, sent_by=ingrid)
    return {
        Cohort: cohort,
        Enrolment: enrolment,
        EnrolmentKey: key_make(course=course, acting_user=ingrid),
        DripRule: DripRule.objects.create(lesson=lessons[0], kind="after_days", days=3),
        DripOverride: DripOverride.objects.create(lesson=lessons[0], cohort=cohort),
        EnrolmentList: kept,
        EnrolmentListLine: EnrolmentListLine.objects.create(list=kept, number=2, who="=1+1"),
    }


def place(model, page, *args):
    return f"/admin/learning/{model._meta.model_name}/" + "".join(
        f"{part}/" for part in (*args, page) if part
    )


@pytest.mark.parametrize("model", MODELS)
def test_every_list_and_every_row_can_be_looked_at_and_searched(desk, rows, model):
    assert admin.site.is_registered(model)
    assert desk.get(place(model, "") + "?q=spring").status_code == 200
    assert desk.get(place(model, "")).status_code == 200
    assert desk.get(place(model, "change", rows[model].pk)).status_code == 200


@pytest.mark.parametrize("model", [DripRule, DripOverride, EnrolmentList, EnrolmentListLine])
def test_what_is_made_elsewhere_is_read_only(desk, rows, model):
    assert desk.get(place(model, "add")).status_code == 403
    assert desk.post(place(model, "change", rows[model].pk), {}).status_code == 403


def test_an_enrolment_is_never_deleted(desk, rows):
    assert desk.post(place(Enrolment, "delete", rows[Enrolment].pk)).status_code == 403


def test_an_operator_enrols_somebody_within_the_seats(desk, course, lessons, bob):
    Course.objects.filter(pk=course.pk).update(seat_limit=1)
    body = {"course": course.pk, "person": bob.pk, "expires_at_0": "", "expires_at_1": ""}
    assert desk.post(place(Enrolment, "add"), body).status_code == 302
    made = Enrolment.objects.get()
    assert (made.source, made.release.number) == ("instructor", 1)
    body["person"] = course.owner_id
    assert desk.post(place(Enrolment, "add"), body).status_code == 409
    assert Enrolment.objects.count() == 1


def test_dates_and_cohorts_are_changed_with_the_same_checks(desk, course, rows, ingrid):
    other = Course.objects.create(slug="other", title="Other", owner=ingrid)
    theirs = Cohort.objects.create(course=other, name="Theirs")
    enrolment = rows[Enrolment]
    address = place(Enrolment, "change", enrolment.pk)
    dates = {"expires_at_0": "2927-01-01", "expires_at_1": "00:00:00"}
    good = {"cohort": rows[Cohort].pk, "release": "", **dates}
    assert desk.post(address, good).status_code == 302
    enrolment.refresh_from_db()
    assert (enrolment.cohort, enrolment.expires_at.year) == (rows[Cohort], 2927)
    for wrong in ({"cohort": theirs.pk}, {"expires_at_0": "9999-12-31"}):
        assert desk.post(address, {**good, **wrong}).status_code == 200
    enrolment.refresh_from_db()
    assert (enrolment.cohort, enrolment.expires_at.year) == (rows[Cohort], 2927)


@pytest.mark.parametrize(
    ("action", "status"), [("withdraw", "withdrawn"), ("suspend", "suspended")]
)
def test_actions_go_through_the_services(desk, rows, action, status):
    body = {"action": action, "_selected_action": [rows[Enrolment].pk]}
    assert desk.post(place(Enrolment, ""), body).status_code == 302
    rows[Enrolment].refresh_from_db()
    assert rows[Enrolment].status == status
    desk.post(place(Enrolment, ""), {**body, "action": "resume"})
    rows[Enrolment].refresh_from_db()
    assert rows[Enrolment].status == "active"


def test_keys_are_made_and_revoked(desk, course, rows):
    made = desk.post(place(EnrolmentKey, "add"), {"course": course.pk, "key": "Open Sesame"})
    assert made.status_code == 302
    key = EnrolmentKey.objects.get(key="open sesame")
    short = desk.post(place(EnrolmentKey, "add"), {"course": course.pk, "key": "abc"})
    assert short.status_code == 200
    desk.post(place(EnrolmentKey, ""), {"action": "revoke", "_selected_action": [key.pk]})
    key.refresh_from_db()
    assert key.revoked_at is not None


def test_cohorts_are_made_changed_and_deleted(desk, course, rows):
    dates = {"starts_at_0": "", "starts_at_1": "", "ends_at_0": "", "ends_at_1": ""}
    body = {"course": course.pk, "name": " Autumn ", **dates}
    assert desk.post(place(Cohort, "add"), body).status_code == 302
    cohort = Cohort.objects.get(name="Autumn")
    past = {**body, "name": "Autumn", "ends_at_0": "9999-12-31", "ends_at_1": "23:59:59"}
    assert desk.post(place(Cohort, "change", cohort.pk), past).status_code == 200
    assert desk.post(place(Cohort, "delete", cohort.pk), {"post": "yes"}).status_code == 302
    assert not Cohort.objects.filter(pk=cohort.pk).exists()
