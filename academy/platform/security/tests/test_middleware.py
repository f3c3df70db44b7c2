import re

import pytest

pytestmark = pytest.mark.urls("academy.platform.security.tests.urls")

EVERYWHERE = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


@pytest.fixture
def static_file(settings):
    settings.STATIC_ROOT.mkdir(exist_ok=True)
    path = settings.STATIC_ROOT / "headers-test.txt"
    path.write_text("here")
    yield f"/static/{path.name}"
    path.unlink()


def assert_headed(response):
    for name, value in EVERYWHERE.items():
        assert response[name] == value, name
    policy = response["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in policy
    assert "unsafe-inline" not in policy
    assert "unsafe-eval" not in policy
    assert "camera=()" in response["Permissions-Policy"]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/page/", 200),
        ("/moved/", 302),
        ("/nowhere/", 404),
        ("/forbidden/", 404),
        ("/api/suspicious/", 400),
        ("/crash/", 500),
        ("/stream/", 200),
    ],
)
def test_every_answer_carries_the_headers(client, path, status):
    client.raise_request_exception = False
    response = client.get(path)
    assert response.status_code == status
    assert_headed(response)


@pytest.mark.django_db
def test_a_static_file_carries_the_headers(client, static_file):
    response = client.get(static_file)
    assert response.status_code == 200
    assert b"".join(response.streaming_content) == b"here"
    assert_headed(response)
    response.close()


def test_a_foreign_host_is_answered_with_the_headers(client):
    response = client.get("/page/", headers={"host": "evil.example"})
    assert response.status_code == 404
    assert_headed(response)


def test_a_nonce_is_new_every_time(client):
    answers = [client.get("/page/") for _ in range(2)]
    nonces = [re.search(r"'nonce-([^']+)'", a["Content-Security-Policy"])[1] for a in answers]
    assert nonces[0] != nonces[1]
    for nonce, answer in zip(nonces, answers, strict=True):
        assert nonce in answer.content.decode()


def test_https_is_remembered_by_the_browser(client, settings):
    settings.SECURE_HSTS_SECONDS = 31_536_000
    assert "Strict-Transport-Security" not in client.get("/page/")
    secure = client.get("/page/", secure=True)
    assert secure["Strict-Transport-Security"].startswith("max-age=31536000")


def test_only_listed_origins_may_call_the_api_and_never_with_cookies(client, settings):
    settings.CORS_ALLOWED_ORIGINS = ["https://app.example"]
    listed = client.get("/api/open/", headers={"origin": "https://app.example"})
    assert listed["Access-Control-Allow-Origin"] == "https://app.example"
    assert "Access-Control-Allow-Credentials" not in listed
    for origin, path in (
        ("https://evil.example", "/api/open/"),
        ("null", "/api/open/"),
        ("https://app.example", "/open/"),
    ):
        assert "Access-Control-Allow-Origin" not in client.get(path, headers={"origin": origin})


@pytest.mark.django_db
def test_what_is_somebodys_is_kept_by_nobody_else(client):
    assert "Cache-Control" not in client.get("/page/")
    bearer = client.get("/page/", headers={"authorization": "Bearer x"})
    assert bearer["Cache-Control"] == "private, no-cache"
    assert (
        client.get("/kept/", headers={"authorization": "Bearer x"})["Cache-Control"] == "max-age=5"
    )
    client.cookies["sessionid"] = "x"
    assert client.get("/page/")["Cache-Control"] == "private, no-cache"


def test_pages_of_jobs_and_accounts_are_never_kept(client):
    for path in ("/jobs/", "/jobs/1/", "/accounts/sign-in/"):
        assert client.get(path)["Cache-Control"] == "no-store"


def test_answers_of_the_api_vary_by_who_asks(client):
    assert "Authorization" in client.get("/api/open/")["Vary"]
    assert "Authorization" not in client.get("/open/").get("Vary", "")
