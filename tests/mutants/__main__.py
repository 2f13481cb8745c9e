"""Apply each mutant to a copy and run its tests: `python -m tests.mutants`, or `make mutants`."""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Sequence

from tests.mutants import MUTANTS, Mutant
from tests.mutants.runner import PATIENCE_WITH_ALL, Tried, Verdict, copied, run_tests, try_mutant

WIDTH = max(len(mutant.name) for mutant in MUTANTS)


def main() -> int:
    """Try mutants one after the other; 0 if every one is killed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help="mutants to try; all without")
    parser.add_argument("--list", action="store_true", help="say what each is, and try none")
    chosen = parser.parse_args()
    unknown = set(chosen.names) - {mutant.name for mutant in MUTANTS}
    if unknown:
        parser.error(f"no such mutant: {', '.join(sorted(unknown))} (--list names them)")
    mutants = [mutant for mutant in MUTANTS if not chosen.names or mutant.name in chosen.names]
    if chosen.list:
        for mutant in mutants:
            _say(f"{mutant.name:{WIDTH}}  {mutant.guards}: {mutant.slip}")
        return 0
    return _try(mutants)


def _try(mutants: Sequence[Mutant]) -> int:
    found: Counter[Verdict] = Counter()
    with copied() as tree:
        sound = run_tests(tree, _together(mutants), PATIENCE_WITH_ALL)
        if sound.verdict is not Verdict.SURVIVED:
            _say(f"The tests fail without a mutant: {sound.why}")
            return 1
        _say(f"{'sound':8}  {'no mutant':{WIDTH}}  {sound.seconds:5.1f} s")
        for mutant in mutants:
            tried = try_mutant(tree, mutant)
            found[tried.verdict] += 1
            _say(_line(mutant, tried))
    _say(", ".join(f"{found[verdict]} {verdict}" for verdict in Verdict))
    return 0 if found[Verdict.KILLED] == len(mutants) else 1


def _together(mutants: Sequence[Mutant]) -> list[str]:
    """Every test of some mutants once: none that is in a file which is there as a whole."""
    tests = dict.fromkeys(test for mutant in mutants for test in mutant.tests)
    return [test for test in tests if "::" not in test or test.partition("::")[0] not in tests]


def _line(mutant: Mutant, tried: Tried) -> str:
    because = tried.why if tried.verdict is not Verdict.SURVIVED else mutant.slip
    return f"{tried.verdict:8}  {mutant.name:{WIDTH}}  {tried.seconds:5.1f} s  {because}"


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
