"""Files: content-addressed storage and static assets."""
