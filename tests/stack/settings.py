"""The academy's own settings, and the probes."""

from academy.settings import *  # noqa: F403
from academy.settings import INSTALLED_APPS as _INSTALLED

INSTALLED_APPS = [*_INSTALLED, "tests.probes"]
ROOT_URLCONF = "tests.probes.urls"
