"""Static assets under names that carry their content's hash."""

from typing import Any

# WhiteNoise comes without types.
from whitenoise.compress import Compressor
from whitenoise.storage import CompressedManifestStaticFilesStorage


class StaticFiles(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """Hashed, compressed assets; a name missing from the manifest falls back to itself.

    A page must not answer 500 because `collectstatic` has not run yet (in a shell, in a test).
    """

    manifest_strict = False
    # Modules import each other by hashed names too: a page never mixes two releases.
    support_js_module_import_aggregation = True

    def create_compressor(self, **kwargs: Any) -> Compressor:
        """Gzip alone: Brotli saves 15 % of the bytes, and took 15 s of every first start."""
        return Compressor(use_brotli=False, **kwargs)

    def hashed_name(self, name: str, content: Any = None, filename: Any = None) -> str:
        """`name` with the hash of its content, or as it is where there is no such file."""
        try:
            return str(super().hashed_name(name, content, filename))
        except ValueError:
            return name
