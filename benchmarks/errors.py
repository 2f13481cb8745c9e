"""What keeps a figure from being measured."""

from __future__ import annotations


class NotMeasuredError(Exception):
    """A figure could not be measured: what has to be true of its runs is not."""
