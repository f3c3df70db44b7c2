import pytest

pytestmark = pytest.mark.urls("academy.platform.http.tests.urls")


def test_an_answer_that_the_client_has_is_not_sent_again(client):
    first = client.get("/api/same/")
    assert first.json() == {"title": "入門"}
    again = client.get("/api/same/", headers={"if-none-match": first["ETag"]})
    assert again.status_code == 304
    assert again.content == b""
    assert again["ETag"] == first["ETag"]
    for answer in (first, again):
        assert answer["Cache-Control"] == "private, no-cache"
        assert {"Authorization", "Cookie"} <= set(answer["Vary"].split(", "))


@pytest.mark.parametrize("known", ['"other"', "", "junk", '"a", "b"'])
def test_another_answer_is_sent(client, known):
    assert client.get("/api/same/", headers={"if-none-match": known}).status_code == 200


def test_a_weak_tag_and_a_star_match(client):
    tag = client.get("/api/same/")["ETag"]
    assert tag.startswith("W/")
    for known in (tag, tag.removeprefix("W/"), f'"x", {tag}', "*"):
        assert client.get("/api/same/", headers={"if-none-match": known}).status_code == 304
