"""`/api/schema/`: the OpenAPI document."""

import threading
from typing import Any, Final

from django.http import HttpResponse
from django.utils.translation import get_language
from drf_spectacular.settings import spectacular_settings
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularAPIView
from rest_framework.request import Request

_lock: Final = threading.Lock()
_documents: Final[dict[tuple[str, str | None], bytes]] = {}


class SchemaView(SpectacularAPIView):
    """The document is the same for all, and takes a second of CPU: it is made once in a process.

    Whoever asks meanwhile waits for the same one.
    """

    throttle_classes = ()

    @extend_schema(exclude=True)
    def get(self, request: Request, *_args: Any, **_kwargs: Any) -> HttpResponse:
        """The document in the form that is asked for."""
        renderer = request.accepted_renderer
        key = (renderer.media_type, get_language())
        with _lock:
            if key not in _documents:
                generator: Any = self.generator_class(urlconf=self.urlconf)
                schema = generator.get_schema(request=None, public=True)
                _documents[key] = renderer.render(schema, renderer_context={})
        response = HttpResponse(_documents[key], content_type=renderer.media_type)
        name = f"{spectacular_settings.TITLE or 'schema'}.{renderer.format}"
        response["Content-Disposition"] = f'inline; filename="{name}"'
        return response
