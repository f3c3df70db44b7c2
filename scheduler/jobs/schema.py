"""How the OpenAPI document tells of the stream of a job, which is no view of the REST framework."""

from typing import Any, Final

from django.utils.translation import gettext as _

from scheduler.jobs.streams import EVENT_STREAM

_STATUS: Final = "/async-monitoring/tasks/{job_id}/status/"
_STREAM: Final = "/async-monitoring/tasks/{job_id}/stream/"
# It asks for no format, and what one may not see is not there.
_NEVER: Final = frozenset({"200", "403", "406"})
_EXAMPLE: Final = """\
event: connected
id: 3
data: {"task_id": "0b3f6a52-0000-4000-8000-000000000000", "status": "running", "progress": 40}

event: disconnected
data: {"reason": "finished"}

"""


def describe_stream(result: dict[str, Any], **_more: Any) -> dict[str, Any]:
    """The document has the stream beside the status, whose address and refusals it shares.

    A hook of drf-spectacular's `POSTPROCESSING_HOOKS`.
    """
    status = result["paths"].get(_STATUS, {}).get("get")
    if status is None:
        return result
    refusals = {code: said for code, said in status["responses"].items() if code not in _NEVER}
    last_seen = {
        "in": "header",
        "name": "Last-Event-ID",
        "schema": {"type": "string"},
        "description": _("As browsers send it; the state now comes at once, whatever was missed."),
    }
    result["paths"][_STREAM] = {
        "get": {
            "operationId": "task_stream",
            "description": _(
                "Server-sent events: `connected`, then `status_update` for each newer state, both"
                " with a `StatusDocument` as data and its `seq` as id; then `disconnected` with"
                " `{reason}`: `finished`, `timeout` or `signed_out`."
            ),
            "parameters": [*status["parameters"], last_seen],
            "tags": status["tags"],
            "security": status["security"],
            "responses": {"200": _events(), **refusals},
        }
    }
    return result


def _events() -> dict[str, Any]:
    text = {"schema": {"type": "string"}, "example": _EXAMPLE}
    return {"description": _("The events of the job."), "content": {EVENT_STREAM: text}}
