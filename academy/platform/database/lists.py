"""Lists that one query brings along with each of its rows."""

from typing import Any

from django.db.models import Aggregate, JSONField


class JsonList(Aggregate):
    """The values as a JSON list."""

    function = "JSON_GROUP_ARRAY"
    output_field = JSONField()

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        """PostgreSQL's name for it."""
        return self.as_sql(compiler, connection, function="JSONB_AGG", **context)
