"""Bodies with which somebody who may do it succeeds."""

BODIES = {}
