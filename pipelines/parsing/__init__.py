"""Readers: one value of a response in, one typed value, None, UNREADABLE or UNKNOWN out."""

from pipelines.parsing.values import UNKNOWN, UNREADABLE, Reading, Unreadable, Value, ValueReader

__all__ = ["UNKNOWN", "UNREADABLE", "Reading", "Unreadable", "Value", "ValueReader"]
