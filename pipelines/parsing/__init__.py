"""Readers: one value of an API response in, one typed value, None or UNREADABLE out."""

from pipelines.parsing.values import UNREADABLE, Reader, Reading, Value

__all__ = ["UNREADABLE", "Reader", "Reading", "Value"]
