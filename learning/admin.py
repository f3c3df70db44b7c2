"""The rooms' pages of the admin, where Django looks for them."""

from importlib import import_module

for room in (
    "learning.courses",
    "learning.enrolments",
    "learning.lessons",
    "learning.progress",
    "learning.releases",
):
    import_module(f"{room}.admin")
