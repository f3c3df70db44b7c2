"""The desk: for operators alone, with every model of ours, and history stays as it is."""

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.contenttypes.models import ContentType
from django.forms import model_to_dict
from django.test import Client
from django.urls import reverse

from academy.accounts.models import User
from learning.courses.models import Course
from tests.permissions.plain_rows import row_of
from tests.permissions.routes import routes
from tests.permissions.world import ROLES

pytestmark = pytest.mark.django_db
OURS = ("accounts", "scheduler", "notifications", "learning", "exports")
# They are lines on the page of what they belong to.
LINES = {
    "CourseFigure": "Course",
    "CourseStaff": "Course",
    "JobLogLine": "Job",
    "JobWatch": "Job",
    "LessonAddress": "Lesson",
    "ReleaseLesson": "Release",
}
# Looked at, and by some actions dealt with; an edit would break what they promise.
READ_ONLY = (
    "Artifact",
    "Authenticator",
    "BrowserSignIn",
    "ClassExport",
    "CountedEvent",
    "CourseAddress",
    "CourseChange",
    "CourseProgress",
    "DripOverride",
    "DripRule",
    "EmailAddress",
    "EnrolmentList",
    "EnrolmentListLine",
    "FigurePicture",
    "IdempotencyKey",
    "Job",
    "LessonExport",
    "LessonFigure",
    "LessonProgress",
    "LessonRendition",
    "LessonRevision",
    "OutgoingMail",
    "PersonPortrait",
    "Process",
    "ProgressEvent",
    "Release",
    "SocketTicket",
    "TokenFamily",
)
# Kept for what hangs on them: a person's deeds, a learner's progress, what a release shows.
NOT_DELETED = ("Enrolment", "Lesson", "User")
# Anybody may ask for these: the way in, the way out, and the words of scripts.
OPEN = {"admin:login", "admin:logout", "admin:jsi18n"}


def pages():
    """Each page of the desk as (name, model or None, arguments)."""
    models = {model._meta.label_lower.replace(".", "_"): model for model in admin.site._registry}
    for name, route in sorted(routes(admin=True).items()):
        model = models.get(name.removeprefix("admin:").rpartition("_")[0])
        if name in OPEN:
            continue
        if name == "admin:app_list":
            yield name, None, {"app_label": "learning"}
        elif name == "admin:view_on_site":
            kind = ContentType.objects.get_for_model(Course)
            yield name, None, {"content_type_id": kind.pk, "object_id": row_of(Course).pk}
        elif name == "admin:auth_user_password_change":
            yield name, User, {"id": row_of(User).pk}
        elif route.arguments:
            yield name, model, {"object_id": row_of(model).pk}
        else:
            yield name, model, {}


def as_(world, role):
    client = Client()
    if role in world.people:
        client.force_login(world.people[role])
    return client


def path_of(model, page, *arguments):
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=arguments)


def model_named(name):
    return next(model for model in admin.site._registry if model.__name__ == name)


@pytest.fixture
def operator(world):
    return as_(world, "operator")


@pytest.mark.parametrize("role", [role for role in ROLES if role != "operator"])
def test_the_desk_is_closed_to_everybody_else(world, role):
    client = as_(world, role)
    asked = set()
    for name, _model, arguments in pages():
        for answer in (
            client.get(reverse(name, kwargs=arguments)),
            client.post(reverse(name, kwargs=arguments), {"post": "yes"}),
        ):
            assert answer.status_code == 302, name
            assert answer["Location"].startswith("/admin/login/?next="), name
        asked.add(name)
    assert asked == set(routes(admin=True)) - OPEN
    assert {f"admin:learning_course_{page}" for page in ("change", "delete", "history")} <= asked


def test_every_page_of_the_desk_opens_to_operators_unless_its_rows_are_not_for_that(operator):
    refused = set()
    for name, model, arguments in pages():
        more = {"app_label": "learning", "model_name": "lesson", "field_name": "course"}
        answer = operator.get(
            reverse(name, kwargs=arguments), {**more, "term": ""} if "autocomplete" in name else {}
        )
        if answer.status_code == 403:
            refused.add((model.__name__, name.rpartition("_")[2]))
        else:
            # Rows that have a page of the academy link to it themselves.
            usual = 404 if name == "admin:view_on_site" else 200
            assert answer.status_code == usual, name
    never = {(name, page) for name in READ_ONLY for page in ("add", "delete")}
    assert refused == never | {(name, "delete") for name in NOT_DELETED}


@pytest.mark.parametrize("name", READ_ONLY)
def test_what_is_to_be_looked_at_is_not_added_changed_or_deleted(operator, name):
    model = model_named(name)
    row = row_of(model)
    before, count = model_to_dict(row), model._base_manager.count()
    form = dict.fromkeys(before, "") | {"post": "yes"}
    assert operator.post(path_of(model, "add"), form).status_code == 403
    assert operator.post(path_of(model, "change", row.pk), form).status_code == 403
    assert operator.post(path_of(model, "delete", row.pk), form).status_code == 403
    chosen = {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"}
    operator.post(path_of(model, "changelist"), chosen)
    assert model._base_manager.count() == count
    assert model_to_dict(model._base_manager.get(pk=row.pk)) == before
    assert operator.get(path_of(model, "change", row.pk)).status_code == 200


def test_every_model_of_ours_has_a_list_at_the_desk_or_is_a_line_of_another(operator):
    models = [model for label in OURS for model in apps.get_app_config(label).get_models()]
    assert len(models) >= 38
    shown = {model.__name__ for model in admin.site._registry}
    for model in models:
        if model.__name__ in LINES:
            page = admin.site._registry[model_named(LINES[model.__name__])]
            assert model in {line.model for line in page.inlines}
        else:
            assert model.__name__ in shown
            row_of(model)
            answer = operator.get(path_of(model, "changelist"))
            assert answer.status_code == 200, model
            assert "result_list" in answer.text, model


def test_every_list_costs_the_same_with_more_rows_behind_it(operator):
    for model, page in admin.site._registry.items():
        columns = {name.partition("__")[0] for name in page.list_display}
        told = {field.name for field in model._meta.fields if field.remote_field} & columns
        selected = {name.partition("__")[0] for name in page.list_select_related or ()}
        assert told <= selected, model


def test_ours_are_all_the_apps_that_we_wrote():
    written = {"academy", "scheduler", "notifications", "learning", "exports"}
    own = {
        config.label for config in apps.get_app_configs() if config.name.split(".")[0] in written
    }
    assert {label for label in own if list(apps.get_app_config(label).get_models())} == set(OURS)
