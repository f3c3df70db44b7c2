"""Static assets under names that carry their content's hash."""

from typing import Any

from whitenoise.storage import CompressedManifestStaticFilesStorage


class StaticFiles(CompressedManifestStaticFilesStorage):
    """Hashed, compressed assets; a name missing from the manifest falls back to itself.

    A page must not answer 500 because `collectstatic` has not run yet (in a shell, in a test).
    """

    manifest_strict = False

    def hashed_name(self, name: str, content: Any = None, filename: Any = None) -> str:
        """`name` with the hash of its content, or as it is where there is no such file."""
        try:
            return super().hashed_name(name, content, filename)
        except ValueError:
            return name
