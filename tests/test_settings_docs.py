from pathlib import Path

from academy.management.commands import permissions_docs
from academy.management.commands.settings_docs import pages

ROOT = Path(__file__).resolve().parents[1]


def test_the_example_and_the_page_of_settings_are_current():
    for path, text in pages(ROOT).items():
        assert path.read_text(encoding="utf-8") == text, f"{path.name}: run `make docs`"


def test_the_page_of_permissions_is_current():
    current = permissions_docs.page()
    found = (ROOT / "docs" / "permissions.md").read_text(encoding="utf-8")
    assert found == current, "permissions.md: run `make docs`"
