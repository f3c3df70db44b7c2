"""Enrolments for programs."""
