"""What `make run` installs is enough: `requirements.txt`, without the packages of the tests."""

import re
import subprocess
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
NAME = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^]]*\])?==")
EVERYTHING = """
import sys
from pathlib import Path

class Missing:
    @staticmethod
    def find_spec(name, path=None, target=None):
        if name.partition(".")[0] in missing:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

missing = set(sys.argv[1:])
sys.meta_path.insert(0, Missing)

import academy.asgi
from academy.celery import app
from academy.urls import urlpatterns
from django.apps import apps
from django.template import engines

here = Path.cwd()
folders = [Path(config.path) / "templates" for config in apps.get_app_configs()]
names = [
    str(found.relative_to(folder))
    for folder in folders
    if here in folder.parents and ".venv" not in folder.parts
    for found in folder.rglob("*.html")
]
assert len(names) > 50, names
for name in names:
    engines["django"].get_template(name)
app.loader.import_default_modules()
assert "exports.lesson_document" in app.tasks, sorted(app.tasks)
assert urlpatterns
"""


def normalised(name):
    return re.sub(r"[-_.]+", "-", name).lower()


def required(file):
    lines = (ROOT / file).read_text(encoding="utf-8").splitlines()
    return {normalised(found[1]) for line in lines if (found := NAME.match(line))}


def test_pages_and_workers_need_no_package_of_the_tests():
    base = required("requirements.txt")
    assert "django" in base
    missing = {
        module
        for module, names in packages_distributions().items()
        if not base & {normalised(name) for name in names}
    } - {"pip", "setuptools", "_distutils_hack", "pkg_resources"}
    assert "pytest" in missing
    done = subprocess.run(
        [sys.executable, "-c", EVERYTHING, *sorted(missing)],
        cwd=ROOT,
        check=False,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr[-3000:]
