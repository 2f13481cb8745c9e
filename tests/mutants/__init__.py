"""Small changes that break a rule or a promise each, and the tests that should catch them."""

from typing import Final

from tests.mutants.mutant import Mutant
from tests.mutants.promises import PROMISES
from tests.mutants.rules import RULES
from tests.mutants.values import VALUES

MUTANTS: Final = (*RULES, *PROMISES, *VALUES)

__all__ = ["MUTANTS", "PROMISES", "RULES", "VALUES", "Mutant"]
