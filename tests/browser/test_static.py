"""Modules under hashed names still find each other."""

import re

import pytest
from django.conf import settings
from django.contrib.staticfiles.finders import FileSystemFinder

from academy.platform.storage.static import StaticFiles

IMPORT = re.compile(r"(?:from\s*|import\s*\(?\s*)[\"'](\./[^\"']+)[\"']")


@pytest.fixture
def collected(tmp_path):
    """The academy's own static files as `collectstatic` leaves them."""
    storage = StaticFiles(location=tmp_path, base_url=settings.STATIC_URL)
    paths = {}
    for path, source in FileSystemFinder().list([]):
        with source.open(path) as file:
            storage.save(path, file)
        paths[path] = (storage, path)
    for _path, _processed, outcome in storage.post_process(paths):
        if isinstance(outcome, Exception):
            raise outcome
    return storage, tmp_path


def test_every_hashed_module_imports_hashed_modules_that_exist(collected):
    storage, folder = collected
    names = [name for path, name in storage.hashed_files.items() if path.endswith(".js")]
    assert names
    for name in names:
        module = folder / name
        for wanted in IMPORT.findall(module.read_text()):
            assert (module.parent / wanted).is_file(), f"{name} imports {wanted}"
            assert re.search(r"\.[0-9a-f]{12}\.js$", wanted), f"{name} imports {wanted}"
