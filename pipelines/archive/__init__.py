"""Saved responses: what every rebuild reads."""
