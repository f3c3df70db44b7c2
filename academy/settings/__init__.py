"""The academy's settings, from the environment and an optional `.env`."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import django_stubs_ext
from csp.constants import NONCE, NONE, SELF
from django.templatetags.static import static
from django.utils.translation import gettext_lazy as _

from academy.environment.declaration import SPOKEN, Values, environment
from academy.environment.declared import DECLARED
from academy.environment.paths import DEFAULT_PORT, broker_url, embedded_url
from academy.settings import rest
from academy.settings.database import database
from academy.settings.keys import kept_secret
from academy.settings.logs import logging_config
from academy.settings.mail import mailbox_shown

django_stubs_ext.monkeypatch()

BASE_DIR = Path(__file__).resolve().parents[2]
_environment = environment(BASE_DIR / ".env")
_env = Values(DECLARED, _environment)
VAR_DIR: Path = BASE_DIR / _env["VAR_DIR"]
VAR_DIR.mkdir(parents=True, exist_ok=True)

# The site
DEBUG: bool = _env["DEBUG"]
SECRET_KEY: str = _env["SECRET_KEY"] or kept_secret(VAR_DIR / "keys" / "secret")
ALLOWED_HOSTS: list[str] = _env["ALLOWED_HOSTS"]
HTTPS: bool = _env["HTTPS"]
SITE_URL: str = _env["SITE_URL"] or f"http://127.0.0.1:{_environment.get('PORT') or DEFAULT_PORT}"
ROOT_URLCONF = "academy.urls"
ASGI_APPLICATION = "academy.asgi.application"
WSGI_APPLICATION = "academy.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "accounts.User"
LOGIN_URL = "accounts:sign-in"
LOGIN_REDIRECT_URL = "desk:start"
LOGOUT_REDIRECT_URL = "courses:catalogue"
USE_TZ = True
TIME_ZONE = "UTC"
USE_I18N = True
FORMAT_MODULE_PATH = ["academy.formats"]
LANGUAGE_CODE: str = _env["LANGUAGE"]
LANGUAGES = list(SPOKEN.items())
LOCALE_PATHS = [BASE_DIR / "academy" / "locale"]

INSTALLED_APPS = [
    "academy.accounts",
    "unfold.apps.BasicAppConfig",
    "academy.platform.administration.apps.AcademyAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.humanize",
    "django.contrib.staticfiles",
    "rest_framework",
    "drf_standardized_errors",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_filters",
    "corsheaders",
    "csp",
    "channels",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "academy",
    "scheduler",
    "notifications",
    "learning",
    "exports",
]
MIDDLEWARE = [
    "academy.platform.observability.middleware.RequestIdMiddleware",
    "academy.platform.security.middleware.HeadersMiddleware",
    "csp.middleware.CSPMiddleware",
    "django_permissions_policy.PermissionsPolicyMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "corsheaders.middleware.CorsMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "academy.accounts.middleware.PersonMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "academy.platform.http.middleware.RefusalMiddleware",
    "academy.platform.http.middleware.OneThreadMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "academy" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
                "academy.accounts.context_processors.ways_in",
                "scheduler.jobs.context_processors.live_jobs",
                "learning.rights.context_processors.teaching",
            ],
        },
    },
]

# Storage
DATABASES: dict[str, dict[str, Any]] = {
    "default": database(url=_env["DATABASE_URL"], var_dir=VAR_DIR)
}
QUEUE_URL: str = _env["QUEUE_URL"] or embedded_url(var_dir=VAR_DIR, base_dir=BASE_DIR, name="queue")
CACHE_URL: str = _env["CACHE_URL"] or embedded_url(var_dir=VAR_DIR, base_dir=BASE_DIR, name="cache")
REDIS_TIMEOUT_SECONDS = 0.2
MEDIA_ROOT = VAR_DIR / "media"
FILES_DIR = VAR_DIR / "files"
ACCEL_REDIRECT: str = _env["ACCEL_REDIRECT"]
STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
STATIC_ROOT.mkdir(exist_ok=True)  # WhiteNoise warns where nothing has been collected yet
STATICFILES_DIRS = [BASE_DIR / "academy" / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "academy.platform.storage.static.StaticFiles"},
}
DATA_UPLOAD_MAX_MEMORY_SIZE: int = _env["JSON_BYTES"]

# People
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
PASSWORD_HASHERS = ["academy.platform.security.hashing.SmallBoxArgon2"]
AUTHENTICATION_BACKENDS = ["academy.accounts.backends.NameOrEmailBackend"]
JWT_KEY: str = _env["JWT_KEY"] or kept_secret(VAR_DIR / "keys" / "jwt")
SIMPLE_JWT: dict[str, Any] = {
    "SIGNING_KEY": JWT_KEY,
    "ACCESS_TOKEN_LIFETIME": timedelta(seconds=_env["ACCESS_SECONDS"]),
    "REFRESH_TOKEN_LIFETIME": timedelta(seconds=_env["REFRESH_SECONDS"]),
    "UPDATE_LAST_LOGIN": False,
}
TICKET_SECONDS: float = _env["TICKET_SECONDS"]
SIGN_UP: bool = _env["SIGN_UP"]
PASSWORD_RESET_TIMEOUT = 3600
ACCOUNT_ADAPTER = "academy.accounts.adapters.AccountAdapter"
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_CONFIRMATION_EXPIRE_DAYS = 3
ACCOUNT_LOGIN_METHODS = {"email", "username"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
# Limits are ours (`RATES`), exact and the same on pages and in the API.
ACCOUNT_RATE_LIMITS = False
MFA_ADAPTER = "academy.accounts.adapters.FactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
FACTOR_KEY: str = _env["FACTOR_KEY"] or kept_secret(VAR_DIR / "keys" / "factor")
DEMO_PASSWORD: str = _env["DEMO_PASSWORD"]
DEMO: bool = _env["DEMO"]

# Mail
EMAIL_BACKEND = "notifications.email.backends.QueuedBackend"
DEFAULT_FROM_EMAIL: str = _env["MAIL_FROM"]
MAIL_URL: str = _env["MAIL_URL"]
MAIL_TIMEOUT_SECONDS: float = _env["MAIL_TIMEOUT_SECONDS"]
MAIL_KEEP_SECONDS: float = _env["MAIL_KEEP_SECONDS"]
MAILBOX: bool = mailbox_shown(
    asked=_env["MAILBOX"], demo=DEMO, mail_url=MAIL_URL, https=HTTPS, hosts=ALLOWED_HOSTS
)

# The API
REST_FRAMEWORK = rest.REST_FRAMEWORK
DRF_STANDARDIZED_ERRORS = rest.DRF_STANDARDIZED_ERRORS
SPECTACULAR_SETTINGS = rest.SPECTACULAR_SETTINGS
RATES = {
    "anon": _env["RATE_ANON"],
    "user": _env["RATE_USER"],
    "status": _env["RATE_STATUS"],
    "export": _env["RATE_EXPORT"],
    "login": _env["RATE_LOGIN"],
    "key": _env["RATE_KEY"],
    "page": _env["RATE_PAGE"],
    "factor": _env["RATE_FACTOR"],
    "sign_up": _env["RATE_SIGN_UP"],
    "mail": _env["RATE_MAIL"],
}
JSON_BYTES: int = _env["JSON_BYTES"]
JSON_DEPTH: int = _env["JSON_DEPTH"]
IDEMPOTENCY_KEEP_SECONDS: float = _env["IDEMPOTENCY_KEEP_SECONDS"]

# Security
CORS_ALLOWED_ORIGINS: list[str] = _env["CORS_ORIGINS"]
CORS_URLS_REGEX = r"^/(api|async-monitoring)/"
CORS_ALLOW_CREDENTIALS = False
CORS_EXPOSE_HEADERS = [
    "ETag",
    "Idempotency-Replayed",
    "Location",
    "RateLimit",
    "RateLimit-Policy",
    "Retry-After",
    "X-Request-ID",
]
CORS_ALLOW_HEADERS = [
    "accept",
    "authorization",
    "content-type",
    "idempotency-key",
    "if-none-match",
    "last-event-id",
    "range",
    "x-request-id",
]
CSRF_TRUSTED_ORIGINS: list[str] = _env["TRUSTED_ORIGINS"]
CSRF_COOKIE_SECURE = SESSION_COOKIE_SECURE = HTTPS
CSRF_COOKIE_HTTPONLY = False
CSRF_FAILURE_VIEW = "academy.platform.http.views.csrf_failure"
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 14 * 86400
LANGUAGE_COOKIE_SECURE = HTTPS
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_AGE = 365 * 86400
SECURE_SSL_REDIRECT = HTTPS
# Asked from the machine itself, without TLS.
SECURE_REDIRECT_EXEMPT = [r"^async-monitoring/health/$"]
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
BEHIND_PROXY: bool = _env["BEHIND_PROXY"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_PROXY else None
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, NONCE],
        "style-src": [SELF, NONCE],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "object-src": [NONE],
    }
}
PERMISSIONS_POLICY: dict[str, list[str]] = {
    "accelerometer": [],
    "camera": [],
    "display-capture": [],
    "geolocation": [],
    "gyroscope": [],
    "magnetometer": [],
    "microphone": [],
    "midi": [],
    "payment": [],
    "usb": [],
}

# Jobs
JOBS_RUNNING_PER_OWNER: int = _env["JOBS_RUNNING_PER_OWNER"]
JOBS_QUEUED_PER_OWNER: int = _env["JOBS_QUEUED_PER_OWNER"]
LANE_DEPTH: int = _env["LANE_DEPTH"]
LANE_OLDEST_SECONDS: float = _env["LANE_OLDEST_SECONDS"]
LEASE_SECONDS: float = _env["LEASE_SECONDS"]
HEARTBEAT_SECONDS: float = _env["HEARTBEAT_SECONDS"]
CANCEL_POLL_SECONDS: float = _env["CANCEL_POLL_SECONDS"]
HARD_CANCEL_SECONDS: float = _env["HARD_CANCEL_SECONDS"]
CRASH_LIMIT: int = _env["CRASH_LIMIT"]
RECONCILE_SECONDS: float = _env["RECONCILE_SECONDS"]
HINT_SECONDS: float = _env["HINT_SECONDS"]
HINTS_PER_SWEEP: int = _env["HINTS_PER_SWEEP"]
PROGRESS_SECONDS: float = _env["PROGRESS_SECONDS"]
RETRY_BASE_SECONDS: float = _env["RETRY_BASE_SECONDS"]
RETRY_MAX_SECONDS: float = _env["RETRY_MAX_SECONDS"]
JOB_LOG_LINES: int = _env["JOB_LOG_LINES"]
JOB_KEEP_SECONDS: float = _env["JOB_KEEP_SECONDS"]
SWEEP_SECONDS: float = _env["SWEEP_SECONDS"]
STREAM_SECONDS: float = _env["STREAM_SECONDS"]
SOCKET_RECHECK_SECONDS: float = _env["SOCKET_RECHECK_SECONDS"]
CLEANUP_SECONDS: float = _env["CLEANUP_SECONDS"]

CELERY_BROKER_URL = broker_url(QUEUE_URL)
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_RESULT_BACKEND = None
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = False
CELERY_TASK_CREATE_MISSING_QUEUES = False
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_TIMEZONE = "UTC"
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 120,
    "socket_timeout": 5,
    "socket_connect_timeout": 2,
    "health_check_interval": 10,
    "unacked_restore_interval": 5,
    "unacked_restore_throttle": 1,
    "queue_order_strategy": "priority",
    "priority_steps": list(range(10)),
}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_DISABLE_PREFETCH = True
CELERY_WORKER_ENABLE_REMOTE_CONTROL = _env["WORKER_REMOTE_CONTROL"]
CELERY_WORKER_SEND_TASK_EVENTS = _env["WORKER_REMOTE_CONTROL"]
# SIGTERM: the worker ends as soon as its tasks do, and whoever sent it sets the bound. "Soft"
# shutdown (SIGQUIT) sleeps its whole time, even when the task ends at once; with
# `enable_soft_shutdown_on_idle` an idle worker sleeps it too.
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 30

# Celery's default keeps the place of a task whose process died for 10 s, and with prefetching
# disabled the worker takes nothing meanwhile.
CELERY_WORKER_LOST_WAIT = 0.5
CELERY_WORKER_MAX_TASKS_PER_CHILD = 200
CELERY_WORKER_MAX_MEMORY_PER_CHILD = 350_000  # KB, checked only between tasks
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = False
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BEAT_SCHEDULER = "scheduler.jobs.beat:ReconcilingScheduler"

# Exports
EXPORT_TTL_SECONDS: float = _env["EXPORT_TTL_SECONDS"]
EXPORT_MEMORY_BYTES: int = _env["EXPORT_MEMORY_BYTES"]
PORTRAIT_KEEP_SECONDS: float = _env["PORTRAIT_KEEP_SECONDS"]
FILE_GRACE_SECONDS: float = _env["FILE_GRACE_SECONDS"]

# The admin
UNFOLD = {
    "SITE_TITLE": _("Academy"),
    "SITE_HEADER": _("Academy"),
    "SITE_SYMBOL": "school",
    "SHOW_VIEW_ON_SITE": True,
    "STYLES": [lambda request: static("academy/css/admin.css")],
    "SCRIPTS": [lambda request: static("academy/js/admin-names.js")],
    "COLORS": {
        "primary": {
            "50": "oklch(97.5% .014 195)",
            "100": "oklch(94.3% .03 195)",
            "200": "oklch(88.5% .055 195)",
            "300": "oklch(80.5% .08 195)",
            "400": "oklch(70% .095 195)",
            "500": "oklch(58% .09 195)",
            "600": "oklch(49% .08 195)",
            "700": "oklch(42.5% .07 195)",
            "800": "oklch(36.5% .058 195)",
            "900": "oklch(31.5% .048 195)",
            "950": "oklch(22% .035 195)",
        },
    },
    "SIDEBAR": {"show_search": True, "show_all_applications": False, "navigation": []},
}

# Logs
LOGGING_CONFIG = None
LOGGING = logging_config(level=_env["LOG_LEVEL"], as_json=_env["LOG_JSON"])
