"""The OpenAPI document is made without a warning."""

from io import StringIO

from django.core.management import call_command


def test_the_schema_is_valid_and_every_name_in_it_is_chosen(capsys):
    written = StringIO()
    call_command("spectacular", "--fail-on-warn", "--validate", stdout=written)
    assert "JobStatusEnum" in written.getvalue()
    assert "Status0cc" not in written.getvalue()
    assert capsys.readouterr().err == ""
