"""Static assets under names that carry their content's hash."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class StaticFiles(CompressedManifestStaticFilesStorage):
    """Hashed, compressed assets; a name missing from the manifest falls back to itself.

    A page must not answer 500 because `collectstatic` has not run yet (in a shell, in a test).
    """

    manifest_strict = False
