"""Readers: one value of a response in, one typed value, None, UNREADABLE or UNKNOWN out."""

from pipelines.parsing.values import UNKNOWN, UNREADABLE, Reader, Reading, Unreadable, Value

__all__ = ["UNKNOWN", "UNREADABLE", "Reader", "Reading", "Unreadable", "Value"]
