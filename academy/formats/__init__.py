"""How dates are written, by language: Django reads `<language>/formats.py`."""
