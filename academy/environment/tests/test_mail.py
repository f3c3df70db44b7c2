import pytest

from academy.environment.declaration import SettingError, mail_sender, mail_url
from academy.settings.mail import mailbox_shown

LOOPBACK = ["127.0.0.1", "localhost", "[::1]"]


@pytest.mark.parametrize(
    ("more", "shown"),
    [
        ({}, True),
        ({"demo": False}, False),
        ({"mail_url": "smtps://mail.example.org"}, False),
        ({"mail_url": "smtps://mail.example.org", "asked": True}, True),
        ({"asked": False}, False),
        ({"https": True}, False),
        ({"hosts": ["academy.example.org"]}, False),
        ({"hosts": [*LOOPBACK, "*"]}, False),
    ],
)
def test_the_mailbox_is_shown_on_a_developers_machine(more, shown):
    given = {"asked": None, "demo": True, "mail_url": "", "https": False, "hosts": LOOPBACK}
    assert mailbox_shown(**{**given, **more}) is shown


@pytest.mark.parametrize("more", [{"https": True}, {"hosts": [*LOOPBACK, "academy.example.org"]}])
def test_asking_for_a_mailbox_that_strangers_could_see_stops_the_process(more):
    given = {"asked": True, "demo": True, "mail_url": "", "https": False, "hosts": LOOPBACK}
    with pytest.raises(SettingError, match="ACADEMY_MAILBOX"):
        mailbox_shown(**{**given, **more})


@pytest.mark.parametrize(
    "url", ["http://x", "smtp://", "smtp://u:p@mail.example.org", "smtps://h:0", "smtps://h:99999"]
)
def test_a_mail_server_that_cannot_be_used_is_refused(url):
    with pytest.raises(ValueError):  # noqa: PT011 - its text may hold the password
        mail_url(url)


@pytest.mark.parametrize(
    "url", ["", "smtp://127.0.0.1:25", "smtp://u:p@localhost", "starttls://u:p%40@h", "smtps://h"]
)
def test_a_mail_server_that_can_be_used_is_taken(url):
    assert mail_url(url) == url


@pytest.mark.parametrize("text", ["Academy", "a@b\nBcc: c@d", "@x", ""])
def test_a_sender_is_an_address(text):
    with pytest.raises(ValueError):  # noqa: PT011 - as above
        mail_sender(text)
