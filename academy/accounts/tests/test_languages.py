import pytest
from django.test import Client

from academy.accounts.languages import spoken
from academy.accounts.services import language_begin, profile_change
from academy.accounts.tests.conftest import PASSWORD

CHOICE = "/accounts/language/"
CATALOGUE = "/"


def choose(client, tag, next_page=CATALOGUE):
    """As a browser does it: the page that asks is named by the header (Referrer-Policy)."""
    referer = next_page if "//" in next_page else f"http://testserver{next_page}"
    return client.post(CHOICE, {"language": tag}, headers={"referer": referer})


@pytest.mark.parametrize(
    ("tag", "direction", "words"),
    [("de", "ltr", "Anmelden"), ("ar", "rtl", "تسجيل الدخول"), ("en", "ltr", "Sign in")],
)
def test_a_visitor_chooses_a_language_at_the_foot_of_any_page(client, db, tag, direction, words):
    answer = choose(client, tag)
    assert (answer.status_code, answer["Location"]) == (302, f"http://testserver{CATALOGUE}")
    page = client.get(CATALOGUE).content.decode()
    assert f'lang="{tag}"\n      dir="{direction}"' in page
    assert words in page


def test_the_browser_decides_for_who_chose_nothing(client, db):
    page = client.get(CATALOGUE, headers={"accept-language": "pt-BR, de-AT;q=0.8, en;q=0.5"})
    assert 'lang="de"' in page.content.decode()
    assert page["Content-Language"] == "de"
    assert "Accept-Language" in page["Vary"]


def test_what_a_signed_in_person_chooses_is_theirs_on_every_device(client, alice):
    client.force_login(alice)
    choose(client, "ar")
    alice.refresh_from_db()
    assert alice.language == "ar"
    elsewhere = Client()
    elsewhere.force_login(alice)
    assert 'dir="rtl"' in elsewhere.get(CATALOGUE).content.decode()


@pytest.mark.parametrize("tag", ["tlh", "", "../de", "de-AT", "🙂", "x" * 5000, "de\x00"])
def test_a_language_that_we_do_not_speak_changes_nothing(client, alice, tag):
    client.force_login(alice)
    assert choose(client, tag).status_code == 302
    alice.refresh_from_db()
    assert alice.language == "en"


def test_the_choice_leads_nowhere_but_to_us(client, db):
    assert choose(client, "de", "https://evil.example/")["Location"] == "/"


def test_reading_the_address_changes_nothing(client, alice):
    client.force_login(alice)
    assert client.get(f"{CHOICE}?language=de").status_code == 405
    alice.refresh_from_db()
    assert alice.language == "en"


def test_the_first_browser_sets_the_language_of_who_chose_none(client, alice):
    form = {"username": alice.username, "password": PASSWORD}
    client.post("/accounts/sign-in/", form, headers={"accept-language": "de"})
    alice.refresh_from_db()
    assert alice.language == "de"


def test_a_language_that_was_chosen_stays(alice):
    for chosen in ("ar", "en"):
        profile_change(person=alice, values={"language": chosen})
        language_begin(person=alice, language="de")
        alice.refresh_from_db()
        assert alice.language == chosen


@pytest.mark.parametrize(
    ("wanted", "told"), [("de-CH", "de"), ("ar-EG", "ar"), ("tlh", "en"), ("", "en")]
)
def test_people_are_told_in_the_nearest_language_of_ours(wanted, told):
    assert spoken(wanted) == told
