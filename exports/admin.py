"""The rooms' pages of the admin, where Django looks for them."""

from importlib import import_module

for room in ("exports.artifacts", "exports.classes", "exports.lessons", "exports.people"):
    import_module(f"{room}.admin")
