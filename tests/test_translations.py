import gettext
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import translation

from academy.environment.declaration import SPOKEN
from academy.management.commands.makemessages import hidden_sentences
from academy.platform.errors import AcademyError

ROOT = Path(__file__).resolve().parents[1]
TRANSLATED = sorted(set(SPOKEN) - {"en"})
LOCALE = "academy/locale/{}/LC_MESSAGES/django"
SAY = "run `make messages`, translate what is new, and run it again"


@pytest.fixture(scope="module")
def tree(tmp_path_factory):
    """The project's files, so that what is gathered from them is not written into them."""
    if not shutil.which("xgettext"):
        pytest.skip("GNU gettext is missing; `make test` installs it")
    copy = tmp_path_factory.mktemp("tree") / "academy"
    skipped = shutil.ignore_patterns(".*", "var", "tests", "benchmarks", "static", "__pycache__")
    shutil.copytree(ROOT, copy, ignore=skipped)
    languages = [f"--locale={tag}" for tag in TRANSLATED]
    gather = [sys.executable, "manage.py", "makemessages", *languages, "--no-obsolete"]
    subprocess.run(gather, cwd=copy, check=True, capture_output=True, timeout=120)
    return copy


@pytest.mark.parametrize("tag", TRANSLATED)
def test_every_sentence_is_translated(tree, tag):
    path = tree / f"{LOCALE.format(tag)}.po"
    checked = subprocess.run(
        ["msgfmt", "--check", "--statistics", "-o", "/dev/null", path],
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert checked.returncode == 0, checked.stderr
    figures = checked.stderr.strip()
    assert "untranslated" not in figures, f"{figures} {SAY}"
    assert "fuzzy" not in figures, f"{figures} {SAY}"


@pytest.mark.parametrize("tag", TRANSLATED)
def test_what_pages_read_is_what_translators_wrote(tmp_path, tag):
    if not shutil.which("msgfmt"):
        pytest.skip("GNU gettext is missing; `make test` installs it")
    compiled = tmp_path / "fresh.mo"
    source = ROOT / f"{LOCALE.format(tag)}.po"
    subprocess.run(["msgfmt", "-o", compiled, source], check=True, timeout=60)
    assert catalogue(compiled) == catalogue(ROOT / f"{LOCALE.format(tag)}.mo"), SAY


def catalogue(path):
    with path.open("rb") as file:
        found = gettext.GNUTranslations(file)._catalog
    found.pop("", None)
    return found


def test_errors_and_what_stands_in_f_strings_are_gathered():
    source = '''
class GoneError(AcademyError):
    """It is gone.

    Not this.
    """

    code = "gone"

class Other:
    """Nor this."""

print(f"{_('Warning:')} {ngettext('%d day', '%d days', 2)} {str('no')}")
'''
    assert set(hidden_sentences(source)) == {
        "_('It is gone.')",
        "_('Warning:')",
        "ngettext('%d day', '%d days', 2)",
    }


def subclasses(of):
    for one in of.__subclasses__():
        yield one
        yield from subclasses(one)


@pytest.mark.parametrize("tag", TRANSLATED)
def test_what_errors_say_by_themselves_is_translated(tag):
    told = {(one.__doc__ or "").split("\n", 1)[0] for one in subclasses(AcademyError)} - {""}
    assert len(told) > 100
    with translation.override(tag):
        assert {text for text in told if translation.gettext(text) == text} == set()


def test_the_languages_are_those_that_have_texts():
    assert dict(settings.LANGUAGES) == SPOKEN
    for tag in TRANSLATED:
        with translation.override(tag):
            assert translation.gettext("This course is not open yet.") != (
                "This course is not open yet."
            )
