"""The rooms' pages of the admin, where Django looks for them."""

from importlib import import_module

for room in ("scheduler.idempotency", "scheduler.jobs"):
    import_module(f"{room}.admin")
