from importlib import import_module

from django.apps import AppConfig


class ProbesConfig(AppConfig):
    name = "tests.probes"
    label = "probes"

    def ready(self):
        import_module("tests.probes.tasks")
