"""The settings of test stacks, and the naive route."""

from tests.stack.settings import *  # noqa: F403 - settings are built on settings

ROOT_URLCONF = "benchmarks.naive_site.urls"
