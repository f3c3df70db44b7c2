"""`make run`: everything that the academy needs, in one terminal. Imports nothing of Django."""
