import pytest

from academy.environment.declaration import SettingError, Values, read_env_file
from academy.environment.declared import DECLARED

SECRETS = {setting.name for setting in DECLARED if setting.secret}
MALFORMED = {
    "ACADEMY_DEBUG": "maybe",
    "ACADEMY_RATE_ANON": "100/fortnight",
    "ACADEMY_JOBS_RUNNING_PER_OWNER": "-3",
    "ACADEMY_LANE_DEPTH": "many",
    "ACADEMY_LEASE_SECONDS": "-1",
    "ACADEMY_STREAM_SECONDS": "nan",
    "ACADEMY_LOG_LEVEL": "loud",
    "ACADEMY_CORS_ORIGINS": "https://example.org/path",
    "ACADEMY_QUEUE_URL": "amqp://someone:hunter2@host",
    "ACADEMY_CACHE_URL": "redis://:hunter2@host:port",
    "ACADEMY_DATABASE_URL": "mysql://someone:hunter2@host/name",
}


def test_every_setting_reads_its_own_default():
    values = Values(DECLARED, {})

    assert values["DEMO"] is True
    assert values["ALLOWED_HOSTS"] == ["127.0.0.1", "localhost", "[::1]"]
    assert values["LEASE_SECONDS"] == 30


def test_a_setting_that_nobody_declared_stops_the_process_with_its_name():
    with pytest.raises(SettingError, match="ACADEMY_RATE_ANONYMOUS"):
        Values(DECLARED, {"ACADEMY_RATE_ANONYMOUS": "hunter2"})


@pytest.mark.parametrize(("name", "text"), MALFORMED.items())
def test_a_malformed_value_stops_the_process_with_its_name_and_not_the_value(name, text):
    with pytest.raises(SettingError) as refused:
        Values(DECLARED, {name: text})

    assert str(refused.value).startswith(f"{name} cannot be used: ")
    assert text not in str(refused.value)
    assert "hunter2" not in str(refused.value)


def test_whatever_holds_a_key_or_a_password_is_declared_secret():
    assert {name for name in MALFORMED if name.endswith("_URL")} <= SECRETS
    assert {s.name for s in DECLARED if "KEY" in s.name or "PASSWORD" in s.name} <= SECRETS | {
        "ACADEMY_JOB_KEEP_SECONDS",
        "ACADEMY_IDEMPOTENCY_KEEP_SECONDS",
        "ACADEMY_RATE_KEY",
    }


def test_names_of_other_programs_are_none_of_our_business():
    Values(DECLARED, {"HOME": "/root", "DJANGO_SETTINGS_MODULE": "academy.settings"})


def test_a_file_of_settings_is_read_as_a_shell_would(tmp_path):
    file = tmp_path / ".env"
    file.write_text(
        "\ufeff# a remark\n\nexport A=1\nB = 'two words'\nC=\"a=b\"\nD=日本\n", encoding="utf-8"
    )

    assert read_env_file(file) == {"A": "1", "B": "two words", "C": "a=b", "D": "日本"}


def test_a_line_that_is_no_setting_is_named_by_its_number(tmp_path):
    file = tmp_path / ".env"
    file.write_text("A=1\nhunter2\n", encoding="utf-8")

    with pytest.raises(SettingError) as refused:
        read_env_file(file)

    assert str(refused.value) == ".env, line 2: write NAME=value"
