"""Logs: one structured line an event, on standard error."""

import logging
import logging.config
from typing import Any

import structlog
from structlog.typing import Processor

_SHARED: tuple[Processor, ...] = (
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
)


class EndedChildren(logging.Filter):
    """A pool process that ended itself (hard cancel, memory, time) is one line, not a traceback.

    The job's row says what happened; the stack of Celery's main process says nothing.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        raised = record.exc_info[0] if record.exc_info else None
        if raised is not None and raised.__name__ == "WorkerLostError":
            record.exc_info = None
            record.exc_text = None
        return True


class Exceptions(logging.Filter):
    """Of answers 4xx and 5xx only those that an exception made: the access line has the others."""

    def filter(self, record: logging.LogRecord) -> bool:
        return bool(record.exc_info)


def logging_config(*, level: str, as_json: bool) -> dict[str, Any]:
    """Set up structlog and the standard library's logging alike; returns what was set."""
    renderer: Processor = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if as_json
        else structlog.dev.ConsoleRenderer(
            colors=False, exception_formatter=structlog.dev.plain_traceback
        )
    )
    config: dict[str, Any] = {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "structured": {
                "()": structlog.stdlib.ProcessorFormatter,
                "processors": [
                    structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                    structlog.processors.format_exc_info,
                    renderer,
                ]
                if as_json
                else [structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
                "foreign_pre_chain": list(_SHARED),
            }
        },
        "filters": {"ended_children": {"()": EndedChildren}, "exceptions": {"()": Exceptions}},
        "handlers": {
            "stderr": {
                "class": "logging.StreamHandler",
                "formatter": "structured",
                "filters": ["ended_children"],
            }
        },
        "root": {"handlers": ["stderr"], "level": level.upper()},
        "loggers": {
            # A visitor's mistake: the answer, 400 or 413, says enough.
            "django.security.DisallowedHost": {"level": "CRITICAL"},
            "django.security.RequestDataTooBig": {"level": "CRITICAL"},
            "django.request": {"level": "ERROR", "filters": ["exceptions"]},
            "django.channels.server": {"level": "WARNING"},
            "daphne": {"level": "WARNING"},
            "fontTools": {"level": "WARNING"},
            "weasyprint": {"level": "ERROR"},
            "weasyprint.progress": {"level": "INFO", "propagate": False},
        },
    }
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *_SHARED,
            structlog.stdlib.PositionalArgumentsFormatter(),
            structlog.processors.StackInfoRenderer(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    logging.config.dictConfig(config)
    return config
