"""The admin site: its look, its policy, and what its pages are made of."""
