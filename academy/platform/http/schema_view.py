"""`/api/schema/`: the OpenAPI document, in English whoever asks: its words are names for programs."""

import functools
import hashlib
import threading
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.http import HttpResponse
from django.utils import translation
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiJsonRenderer, OpenApiYamlRenderer
from drf_spectacular.settings import spectacular_settings
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularAPIView
from rest_framework.request import Request

_FORMS: Final[dict[str, Any]] = {"yaml": OpenApiYamlRenderer, "json": OpenApiJsonRenderer}
_lock: Final = threading.Lock()
_documents: Final[dict[str, bytes]] = {}


class SchemaView(SpectacularAPIView):
    """The document is the same for all, and takes a second of CPU: a start has made it before.

    Where none has, it is made once in a process; whoever asks meanwhile waits for the same one.
    """

    throttle_classes = ()

    @extend_schema(exclude=True)
    def get(self, request: Request, *_args: Any, **_kwargs: Any) -> HttpResponse:
        """The document in the form that is asked for."""
        renderer = request.accepted_renderer
        form = "json" if "json" in renderer.media_type else "yaml"
        with _lock:
            if form not in _documents:
                path = _path(form)
                _documents[form] = path.read_bytes() if path.is_file() else _made()[form]
        response = HttpResponse(_documents[form], content_type=renderer.media_type)
        name = f"{spectacular_settings.TITLE or 'schema'}.{renderer.format}"
        response["Content-Disposition"] = f'inline; filename="{name}"'
        return response


def documents_keep() -> bool:
    """The documents of this code lie ready, and those of other code are gone; whether that is new."""
    paths = {form: _path(form) for form in _FORMS}
    if all(path.is_file() for path in paths.values()):
        return False
    folder = paths["yaml"].parent
    folder.mkdir(parents=True, exist_ok=True)
    for form, text in _made().items():
        fresh = folder / f"{form}.fresh"
        fresh.write_bytes(text)
        fresh.replace(paths[form])
    for path in set(folder.iterdir()) - set(paths.values()):
        path.unlink(missing_ok=True)
    return True


def _made() -> dict[str, bytes]:
    with translation.override("en"):
        kind: Any = SchemaGenerator
        schema = kind().get_schema(request=None, public=True)
        return {form: renderer().render(schema, {}) for form, renderer in _FORMS.items()}


def _path(form: str) -> Path:
    return settings.VAR_DIR / "schema" / f"{_digest_of_code()}.{form}"


@functools.cache
def _digest_of_code() -> str:
    """Changes when a file that says what the API is comes, goes, or is written."""
    digest = hashlib.sha256()
    for path in sorted(settings.BASE_DIR.glob("*/**/*.py")):
        found = path.stat()
        digest.update(f"{path}\0{found.st_size}\0{found.st_mtime_ns}\0".encode())
    return digest.hexdigest()
