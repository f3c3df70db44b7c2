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
        ("1000000000", 100),
        ("9" * 5000, 100),
        ("007", 7),
        ("", 20),
    ],
)
def test_a_page_size_is_capped(client, given, size):
    assert len(numbers(client, page_size=given).json()["results"]) == size


@pytest.mark.parametrize(
    "size", ["-5", "0", "00", "1.5", "x", "1e3", "inf", "nan", "\uff11", " 1", "x" * 5000]
)
def test_what_is_no_page_size_is_400(client, size):
    response = numbers(client, page_size=size)
    assert response.status_code == 400
    assert response.json()["errors"][0]["attr"] == "page_size"


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
        (",title", ["title", "pk"]),
    ],
)
def test_rows_come_in_the_order_that_is_asked_for(client, given, order):
    assert numbers(client, ordering=given).json()["order"] == order


@pytest.mark.parametrize(
    "given",
    [
        *("password", "created_at", "-owner__password", "--title", "-", "title;"),
        "title," * 1000,
        "title,password",
    ],
)
def test_an_order_that_is_not_offered_is_400(client, given):
    response = numbers(client, ordering=given)
    assert response.status_code == 400
    assert response.json()["errors"][0]["attr"] == "ordering"
