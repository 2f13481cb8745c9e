"""Filling empty tables from the archive all at once, as far as no question was answered twice."""
