"""How the API reads, answers and describes itself; nothing here comes from the environment."""

from typing import Any

REST_FRAMEWORK: dict[str, Any] = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "academy.accounts.authentication.BearerAuthentication",
        "academy.accounts.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["academy.platform.http.parsers.JSONParser"],
    "DEFAULT_THROTTLE_CLASSES": ["academy.platform.http.throttling.PersonThrottle"],
    "DEFAULT_PAGINATION_CLASS": "academy.platform.http.pagination.Pages",
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_SCHEMA_CLASS": "academy.platform.http.schema.Schema",
    # The schema only describes errors of views whose handler is this very function.
    "EXCEPTION_HANDLER": "drf_standardized_errors.handler.exception_handler",
    "URL_FORMAT_OVERRIDE": None,
    "PAGE_SIZE": 20,
    "UNICODE_JSON": True,
}
DRF_STANDARDIZED_ERRORS: dict[str, Any] = {
    "ENABLE_IN_DEBUG_FOR_UNHANDLED_EXCEPTIONS": True,
    "EXCEPTION_HANDLER_CLASS": "academy.platform.http.exceptions.AnswerHandler",
    "ALLOWED_ERROR_STATUS_CODES": [
        *("400", "401", "403", "404", "405", "406", "409", "413", "415", "422", "429", "503")
    ],
}
SPECTACULAR_SETTINGS: dict[str, Any] = {
    "TITLE": "Academy API",
    "DESCRIPTION": "Courses, lessons, exports and the jobs behind them.",
    "VERSION": "1.0.0",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_ADD_EXPLICIT_BLANK_NULL_CHOICE": False,
    "ENUM_NAME_OVERRIDES": {
        "JobStatusEnum": "scheduler.jobs.models.Status",
        "PublicationEnum": "learning.courses.models.Status",
        "TierEnum": "learning.lessons.models.Tier",
        "AccessEnum": ["full", "gated", "locked"],
        "StaffRoleEnum": "learning.courses.models.StaffRole",
        "RoleEnum": "academy.accounts.models.Role",
        "DripRuleKindEnum": "learning.enrolments.models.DripRule.Kind",
        "ProgressEventKindEnum": "learning.progress.shapes.TOLD_CHOICES",
        "EnrolmentStatusEnum": "learning.enrolments.models.Enrolment.Status",
        "EnrolmentStateEnum": "learning.enrolments.dates.State",
    },
    "POSTPROCESSING_HOOKS": [
        "drf_standardized_errors.openapi_hooks.postprocess_schema_enums",
        "scheduler.jobs.schema.describe_stream",
    ],
}
