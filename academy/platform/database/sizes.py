"""What the database takes on its disk."""

from django.db import connection


def database_bytes() -> int:
    """The size of the whole database, without what waits in its log; one query that reads no row."""
    if connection.vendor == "postgresql":
        question = "SELECT pg_database_size(current_database())"
    else:
        question = "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size"
    with connection.cursor() as cursor:
        cursor.execute(question)
        (size,) = cursor.fetchone() or (0,)
    return int(size)
