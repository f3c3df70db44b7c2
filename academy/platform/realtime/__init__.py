"""Telling open pages what changed: `publishing` sends, `hub` listens, `sockets` carries."""
