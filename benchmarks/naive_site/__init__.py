"""The academy with one more route: a view that renders inside the request."""
