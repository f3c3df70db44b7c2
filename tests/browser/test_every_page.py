"""Every address that answers with a page: nothing for axe to find, nothing against the policy."""

import pytest
from django.conf import settings
from django.contrib import admin
from django.core import mail
from django.db import transaction
from django.test import Client, override_settings
from django.urls import reverse

from academy.accounts.models import User
from academy.accounts.tests.conftest import PASSWORD, Factor, link_of
from academy.platform.rates import parse_rate
from learning.lessons.models import LessonRevision
from learning.lessons.services import revision_render
from notifications.email.models import OutgoingMail
from tests.browser.axe import violations_everywhere, violations_in_one_scheme
from tests.browser.made import browser_beside_the_database, making
from tests.browser.test_class_pages import serve
from tests.permissions.asking import ROUTES
from tests.permissions.test_table import ROWS
from tests.permissions.world import make_world

pytestmark = [pytest.mark.pages, pytest.mark.django_db]

# Who looks at a page: the first of these whom it answers.
VIEWERS = ("learner", "owner", "anonymous")
# A file, and a page that is made of somebody else's parts.
ELSE = {"classes:list-sheet", "docs"}
PAGES = sorted(
    {
        name
        for method, address, *given in ROWS
        if method == "GET" and "200" in given
        for name in [address.partition("/")[0]]
        if not ROUTES[name].is_api and name not in ELSE
    }
)
MODELS = sorted(model._meta.label_lower for model in admin.site._registry)
STATES = (
    "factor asked",
    "factor codes",
    "factor off",
    "factor on",
    "address confirmed",
    "password forgotten",
    "link spent",
    "a mail",
    "mailbox",
    "form refused",
    "not found",
    "form outdated",
)


# What pages are looked at in besides English, with the direction they are read in.
DIRECTIONS = {"ar": "rtl", "de": "ltr"}
SPOKEN_AS = """() => {
  document.querySelectorAll("details").forEach((one) => (one.open = true));
  return [document.documentElement.lang, getComputedStyle(document.body).direction];
}"""


def visitor(tag):
    return Client(headers={"accept-language": tag})


def answer_for(world, name, tag):
    """The page as the first viewer gets it."""
    known = {key: world.values[key] for key in ROUTES[name].arguments}
    address = reverse(name, kwargs=known)
    for role in VIEWERS:
        client = visitor(tag)
        if role in world.people:
            client.force_login(world.people[role])
        answer = client.get(address)
        if answer.status_code == 200 and answer["Content-Type"].startswith("text/html"):
            return answer
    return answer


def desk(world):
    """The admin's lists, and a page of each that has a row."""
    client = Client()
    client.force_login(world.people["operator"])
    yield "desk", client.get("/admin/")
    form = {"action": "deactivate", "_selected_action": [world.people["learner"].pk]}
    yield "desk asking", client.post(reverse("admin:accounts_user_changelist"), form)
    for model in admin.site._registry:
        address = f"admin:{model._meta.app_label}_{model._meta.model_name}_"
        row = model._base_manager.order_by("pk").first()
        yield f"{model._meta.label_lower} list", client.get(reverse(f"{address}changelist"))
        if row is not None:
            yield model._meta.label_lower, client.get(reverse(f"{address}change", args=[row.pk]))


def states(world, tag):
    """The pages that somebody sees on the way through signing up, signing in and a second factor."""
    person = User.objects.create_user("zoë", "zoe@example.org", PASSWORD, language=tag)
    stranger, client, other = visitor(tag), visitor(tag), visitor(tag)
    stranger.force_login(world.people["stranger"])
    stranger.post(reverse("accounts:address"), {"email": "new@example.org", "password": "x"})
    stranger.post(reverse("accounts:reset"), {"email": "zoe@example.org"})
    path, fields = link_of(mail.outbox[-1])
    yield "password forgotten", other.get(path, fields)
    yield "link spent", other.get(path, {**fields, "token": "spent"})
    other.post(reverse("accounts:sign-up"), {"email": "ada@example.org", "password": PASSWORD})
    path, fields = link_of(mail.outbox[-1])
    yield "address confirmed", other.get(path, fields)
    yield "form refused", other.post(reverse("accounts:sign-in"), {"username": "", "password": ""})
    signed_in = {"username": "zoë", "password": PASSWORD}
    client.post(reverse("accounts:sign-in"), signed_in)
    yield "factor on", client.get(reverse("accounts:factor-on"))
    factor = Factor(person)
    other.post(reverse("accounts:sign-in"), signed_in)
    yield "factor asked", other.get(reverse("accounts:second-factor"))
    other.post(reverse("accounts:second-factor"), {"code": factor.code()})
    yield "factor off", other.get(reverse("accounts:factor-off"))
    yield "factor codes", other.get(reverse("accounts:factor-codes"))
    written = OutgoingMail.objects.create(
        subject="Réinitialiser 🔑",
        recipients=["Zoë <zoe@example.org>"],
        text="Open https://e.org/x",
    )
    with override_settings(MAILBOX=True):
        yield "mailbox", other.get(reverse("mailbox:mailbox"))
        yield "a mail", other.get(reverse("mailbox:mail", args=[written.pk]))
    yield "not found", other.get("/courses/none/")
    strict = Client(enforce_csrf_checks=True, headers={"accept-language": tag})
    yield "form outdated", strict.post(reverse("accounts:sign-in"), signed_in)


def pages_in(world, tag):
    """Each page as somebody sees it who reads this language; what was done for it is undone."""
    with transaction.atomic():
        User.objects.update(language=tag)
        for person in world.people.values():
            person.language = tag
        found = {name: answer_for(world, name, tag) for name in PAGES}
        found |= dict(states(world, tag))
        transaction.set_rollback(True)
    return found


@pytest.fixture(scope="module")
def made(django_db_setup, django_db_blocker, tmp_path_factory):
    with making(
        django_db_blocker,
        FILES_DIR=tmp_path_factory.mktemp("files"),
        RATES=dict.fromkeys(settings.RATES, parse_rate("1000000/s")),
        CACHE_URL="unix:///nowhere",
        EMAIL_BACKEND="django.core.mail.backends.locmem.EmailBackend",
    ):
        mail.outbox = []
        world = make_world()
        # A page that is not ready comes again by itself, in the middle of a look.
        for pk in LessonRevision.objects.values_list("pk", flat=True):
            revision_render(revision_id=pk)
        found = {tag: pages_in(world, tag) for tag in (*DIRECTIONS, "en")}
        found["en"] |= dict(desk(world))
    return found


@pytest.fixture(scope="module")
def answers(made):
    return made["en"]


@pytest.fixture(scope="module")
def browser(answers):
    with browser_beside_the_database() as running:
        yield running


@pytest.mark.parametrize("name", [*PAGES, *STATES])
def test_axe_finds_nothing_in_light_and_dark_on_a_desk_and_a_phone(answers, look, name):
    serve(look.page, answers[name])
    look.page.evaluate("document.querySelectorAll('details').forEach((one) => (one.open = true))")
    assert look.complaints == []
    assert violations_everywhere(look.page) == []


@pytest.mark.parametrize("name", [*PAGES, *STATES])
def test_each_page_stands_as_well_in_arabic_and_german(made, look, name):
    found = []
    for tag, direction in DIRECTIONS.items():
        look.page.unroute_all()
        serve(look.page, made[tag][name])
        said = look.page.evaluate(SPOKEN_AS)
        assert said == [tag, direction]
        found += [f"{tag} {one}" for one in look.complaints]
        found += [f"{tag} {one}" for one in violations_in_one_scheme(look.page)]
        # What axe itself does against the page's policy.
        look.complaints.clear()
    assert found == []


@pytest.mark.parametrize("name", ["desk", "desk asking", *MODELS])
def test_axe_finds_nothing_at_the_desk(answers, look, name):
    for shown in (name, f"{name} list"):
        if shown in answers:
            look.page.unroute_all()
            serve(look.page, answers[shown])
            assert violations_everywhere(look.page) == []


def test_a_page_of_the_desk_that_asks_has_a_button_that_looks_like_one(answers, look):
    serve(look.page, answers["desk asking"])
    button = look.page.get_by_role("button", name="Deactivate 1 person")
    plain = look.page.get_by_role("link", name="Go back")
    colour = "(one) => getComputedStyle(one).backgroundColor"
    assert button.evaluate(colour) != plain.evaluate(colour)
    assert button.bounding_box()["height"] >= 30


def test_each_page_is_the_one_that_its_name_says(answers, made):
    expected = {"link spent": 410, "not found": 404, "form outdated": 403}
    for found in made.values():
        given = {name: found[name].status_code for name in found}
        assert given == {name: expected.get(name, 200) for name in found}
    lists = {f"{name} list" for name in MODELS}
    assert set(answers) >= {*PAGES, *STATES, "desk", *lists}
    assert {"accounts.user", "learning.course", "learning.lesson", "scheduler.job"} <= set(answers)
    assert all(answer["Content-Type"].startswith("text/html") for answer in answers.values())
