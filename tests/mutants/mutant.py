"""A slip that somebody could make, and the tests that should catch it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Mutant:
    """One small change of one file, in the code or in sql/."""

    name: str
    guards: str
    """The rule, promise or kind of value that it breaks."""
    slip: str
    """What is wrong with it, as a reviewer would say."""
    file: str
    old: str
    """Stands in the file exactly once."""
    new: str
    tests: tuple[str, ...]
    """Files or tests, as pytest takes them: the narrowest that should fail."""
