"""Every `ACADEMY_*` setting; `.env.example` and `docs/settings.md` are generated from here."""

from collections.abc import Callable
from typing import Any, Final

from academy.environment.declaration import (
    PREFIX,
    Setting,
    database_url,
    flag,
    language,
    log_level,
    mail_sender,
    mail_url,
    names,
    origins,
    positive,
    redis_url,
    seconds,
    site_url,
    switch,
)
from academy.platform.rates import parse_rate

_KINDS: Final[dict[Callable[[str], Any], str]] = {
    str: "text",
    flag: "1 or 0",
    names: "comma-separated list",
    positive: "whole number above 0",
    seconds: "number of seconds above 0",
    language: "ar, de or en",
    log_level: "DEBUG, INFO, WARNING or ERROR",
    origins: "comma-separated list of origins such as https://example.org",
    site_url: "origin such as https://example.org",
    redis_url: "address that starts with redis://, rediss:// or unix://",
    database_url: "address that starts with postgres:// or sqlite://",
    mail_url: "address that starts with smtps://, starttls://, or smtp:// (which takes no password"
    " except on this machine)",
    mail_sender: "e-mail address, or: Name <address>",
    switch: "1, 0 or nothing",
    parse_rate: "rate (N/s, N/m, N/h, N/d)",
}


def _group(group: str, *rows: tuple[str, Callable[[str], Any], str, str]) -> tuple[Setting, ...]:
    return tuple(
        Setting(
            name=PREFIX + name,
            kind=_KINDS[parse],
            parse=parse,
            default=default,
            meaning=meaning,
            group=group,
            secret=name in _SECRET,
        )
        for name, parse, default, meaning in rows
    )


_SECRET: Final = frozenset(
    {
        "SECRET_KEY",
        "JWT_KEY",
        "FACTOR_KEY",
        "QUEUE_URL",
        "CACHE_URL",
        "DATABASE_URL",
        "DEMO_PASSWORD",
        "MAIL_URL",
    }
)

DECLARED: Final = (
    *_group(
        "The site",
        ("DEBUG", flag, "0", "Django's debug pages. Never where strangers can reach the site."),
        ("SECRET_KEY", str, "", "Signs sessions. Empty: generated once into the var folder."),
        ("JWT_KEY", str, "", "Signs API tokens. Empty: generated once into the var folder."),
        ("VAR_DIR", str, "var", "Folder of database, files and keys, relative to the checkout."),
        (
            "ALLOWED_HOSTS",
            names,
            "127.0.0.1,localhost,[::1]",
            "Host names that the site answers to.",
        ),
        ("CORS_ORIGINS", origins, "", "Other origins whose pages may call the API."),
        (
            "TRUSTED_ORIGINS",
            origins,
            "",
            "Origins whose forms and sockets are accepted, besides us.",
        ),
        ("HTTPS", flag, "0", "The site is reached by TLS: secure cookies, HSTS, redirect."),
        (
            "BEHIND_PROXY",
            flag,
            "0",
            "A proxy of ours sets X-Forwarded-For and X-Forwarded-Proto; believe it.",
        ),
        (
            "SITE_URL",
            site_url,
            "",
            "Where people reach the site; links in documents lead there. Empty: 127.0.0.1 and PORT.",
        ),
        ("LANGUAGE", language, "en", "Language of pages for people who chose none."),
        ("LOG_JSON", flag, "0", "Logs as JSON lines instead of text for a terminal."),
        ("LOG_LEVEL", log_level, "INFO", "The least that is logged."),
    ),
    *_group(
        "Storage",
        (
            "DATABASE_URL",
            database_url,
            "",
            "postgres://user:password@host:port/name. Empty: SQLite in the var folder.",
        ),
        (
            "QUEUE_URL",
            redis_url,
            "",
            "Redis or Valkey for hints (AOF, noeviction): redis://, rediss:// or unix://.",
        ),
        (
            "CACHE_URL",
            redis_url,
            "",
            "Redis or Valkey for limits and live hints (allkeys-lru): redis://, rediss://, unix://.",
        ),
        (
            "ACCEL_REDIRECT",
            str,
            "",
            "nginx's internal location for files, such as /protected/. Empty: we stream them.",
        ),
    ),
    *_group(
        "Mail",
        (
            "MAIL_URL",
            mail_url,
            "",
            "smtps://user:password@host:465 or starttls://user:password@host:587. "
            "Empty: nothing is sent.",
        ),
        ("MAIL_FROM", mail_sender, "Academy <academy@localhost>", "Sender of all mails."),
        ("MAIL_TIMEOUT_SECONDS", seconds, "10", "Longest wait for the mail server in one step."),
        ("MAIL_KEEP_SECONDS", seconds, "604800", "Mails that were not sent are kept so long."),
        (
            "MAILBOX",
            switch,
            "",
            "Show all unsent mails at /mailbox/, for developers. Empty: in a demo without mail "
            "server. Impossible with HTTPS and with ALLOWED_HOSTS beyond this machine.",
        ),
    ),
    *_group(
        "The demo",
        ("DEMO", flag, "1", "`make run` loads the demo course and accounts."),
        ("DEMO_PASSWORD", str, "", "Password of the demo accounts. Empty: generated and kept."),
    ),
    *_group(
        "Limits",
        ("RATE_ANON", parse_rate, "100/h", "API requests of one address without sign-in."),
        ("RATE_USER", parse_rate, "1000/h", "API requests of one signed-in person."),
        ("RATE_STATUS", parse_rate, "10/s", "Reading the state of jobs, per person."),
        ("RATE_EXPORT", parse_rate, "60/h", "Exports asked for, per person."),
        ("RATE_LOGIN", parse_rate, "10/m", "Sign-ins tried, per address and per name."),
        ("RATE_FACTOR", parse_rate, "20/h", "Second-factor codes tried, per person."),
        ("RATE_SIGN_UP", parse_rate, "20/h", "Sign-ups and password resets asked, per address."),
        ("RATE_MAIL", parse_rate, "5/h", "Mails that one place can cause, per e-mail address."),
        ("RATE_KEY", parse_rate, "20/h", "Enrolment keys tried, per person."),
        ("RATE_PAGE", parse_rate, "300/m", "Forms posted on pages, per person or address."),
        ("JSON_BYTES", positive, "10485760", "Largest JSON body, in bytes."),
        ("JSON_DEPTH", positive, "32", "Deepest nesting of a JSON body."),
    ),
    *_group(
        "Signing in",
        ("SIGN_UP", flag, "1", "Anybody may make an account; else operators make them."),
        (
            "FACTOR_KEY",
            str,
            "",
            "Encrypts second factors. Empty: generated once into the var folder.",
        ),
        ("ACCESS_SECONDS", seconds, "900", "Life of an access token."),
        ("REFRESH_SECONDS", seconds, "1209600", "Life of a refresh token."),
        ("TICKET_SECONDS", seconds, "30", "Life of a single-use socket ticket."),
    ),
    *_group(
        "Jobs",
        ("JOBS_RUNNING_PER_OWNER", positive, "3", "Jobs of one person that run at once."),
        ("JOBS_QUEUED_PER_OWNER", positive, "20", "Jobs of one person that wait."),
        ("LANE_DEPTH", positive, "1000", "Jobs that may wait in one lane."),
        (
            "LANE_OLDEST_SECONDS",
            seconds,
            "120",
            "A lane whose first in line waited longer is full.",
        ),
        (
            "LEASE_SECONDS",
            seconds,
            "30",
            "A running job without a sign of life for so long is lost.",
        ),
        ("HEARTBEAT_SECONDS", seconds, "10", "How often a running job extends its lease."),
        ("CANCEL_POLL_SECONDS", seconds, "1", "How often a running job looks for a cancel."),
        (
            "HARD_CANCEL_SECONDS",
            seconds,
            "10",
            "A cancelled job without checkpoint ends after this.",
        ),
        ("CRASH_LIMIT", positive, "3", "Crashes after which a job is dead."),
        ("RECONCILE_SECONDS", seconds, "5", "How often lost hints and leases are looked for."),
        ("HINT_SECONDS", seconds, "5", "A due job without a hint for so long is hinted again."),
        ("HINTS_PER_SWEEP", positive, "200", "Hints sent in one sweep."),
        ("PROGRESS_SECONDS", seconds, "0.5", "Shortest time between two stored progress reports."),
        ("RETRY_BASE_SECONDS", seconds, "2", "Wait before the first retry; doubled each time."),
        ("RETRY_MAX_SECONDS", seconds, "300", "Longest wait before a retry."),
        ("JOB_LOG_LINES", positive, "200", "Log lines kept of one job."),
        ("JOB_KEEP_SECONDS", seconds, "2592000", "Finished jobs are kept so long."),
        ("SWEEP_SECONDS", seconds, "2", "How often live pages re-read what they may have missed."),
        ("STREAM_SECONDS", seconds, "300", "Longest life of one event stream."),
        ("SOCKET_RECHECK_SECONDS", seconds, "60", "How often an open socket's rights are checked."),
        ("IDEMPOTENCY_KEEP_SECONDS", seconds, "86400", "An Idempotency-Key is remembered so long."),
        ("CLEANUP_SECONDS", seconds, "3600", "How often the maintenance job runs."),
        ("WORKER_REMOTE_CONTROL", flag, "0", "Celery's remote control, for Flower and inspect."),
    ),
    *_group(
        "Exports",
        ("EXPORT_TTL_SECONDS", seconds, "21600", "A document older than this is made anew."),
        ("EXPORT_MEMORY_BYTES", positive, "734003200", "Memory that one rendering may use."),
        ("PORTRAIT_KEEP_SECONDS", seconds, "86400", "Files of one's own data are kept so long."),
        ("FILE_GRACE_SECONDS", seconds, "86400", "Files that nothing refers to are kept so long."),
    ),
)
