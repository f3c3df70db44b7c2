"""Work that outlives the request which asked for it. See docs/jobs.md."""
