import pytest

pytestmark = pytest.mark.urls("academy.platform.http.tests.urls")


def numbers(client, **query):
    return client.get("/api/numbers/", query)


def test_a_page_has_twenty_entries_and_tells_how_many_there_are(client):
    body = numbers(client).json()
    assert body["count"] == 250
    assert body["results"] == list(range(20))
    assert body["next"].endswith("/api/numbers/?page=2")


@pytest.mark.parametrize(
    ("given", "size"),
    [
        ("5", 5),
        ("100", 100),
        ("101", 100),
        ("1e9", 100),
        ("1000000000", 100),
        ("9" * 5000, 100),
        ("inf", 100),
        ("nan", 20),
        ("0", 20),
        ("-5", 20),
        ("many", 20),
        ("", 20),
    ],
)
def test_a_page_size_is_capped_and_nonsense_ignored(client, given, size):
    assert len(numbers(client, page_size=given).json()["results"]) == size


@pytest.mark.parametrize("number", ["-1", "0", "00", "1.5", "first", "\uff11", "1e3", " 1"])
def test_what_is_no_page_number_is_400(client, number):
    response = numbers(client, page=number)
    assert response.status_code == 400
    assert response.json()["errors"][0]["attr"] == "page"


@pytest.mark.parametrize("number", ["14", "999999999", "9" * 5000])
def test_a_page_beyond_the_last_is_404(client, number):
    assert numbers(client, page=number).status_code == 404


@pytest.mark.parametrize(
    ("given", "order"),
    [
        ("", ["-pk", "-pk"]),
        ("title", ["title", "pk"]),
        ("-newest", ["-created_at", "-pk"]),
        ("-newest,title", ["-created_at", "title", "-pk"]),
        ("password", ["-pk", "-pk"]),
        ("created_at", ["-pk", "-pk"]),
        ("user__password", ["-pk", "-pk"]),
        ("--title", ["-pk", "-pk"]),
        ("title," * 1000, ["title", "title", "pk"]),
    ],
)
def test_an_order_that_is_not_offered_is_ignored(client, given, order):
    assert numbers(client, ordering=given).json()["order"] == order
