"""What is sent by somebody who means it, and lessons of another kind."""

BODIES = {}
VARIANTS = {
    "draft": {"slug": "plans", "lesson": "plans"},
    "premium": {"slug": "secrets", "lesson": "secrets"},
}
