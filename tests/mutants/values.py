"""Mutants of what is read and reckoned, where a slip would hurt a user's figures most."""

from __future__ import annotations

from typing import Final

from tests.mutants.mutant import Mutant

RACES: Final = "pipelines/parsing/races.py"
PRICES: Final = "pipelines/parsing/prices.py"
TEXTS: Final = "pipelines/parsing/values.py"
READ: Final = ("tests/test_parsing_races.py",)

VALUES: Final = (
    Mutant(
        "dead-heat-pays-in-full",
        "dead heats",
        "each horse of a dead heat has won the whole race",
        "sql/views/runs.sql",
        "CAST(CASE WHEN position = 1 THEN 1.0 / level ELSE",
        "CAST(CASE WHEN position = 1 THEN 1.0 ELSE",
        ("tests/test_views.py::test_runs_know_dead_heats_places_and_prices",),
    ),
    Mutant(
        "winning-time-of-the-first-listed",
        "dead heats",
        "the winning time is that of whoever is listed first",
        RACES,
        "strict=True) if position(place) == 1)",
        "strict=True) if position(place))",
        ("tests/test_parsing_races.py::test_winning_time_is_the_winners",),
    ),
    Mutant(
        "dead-heat-is-an-unknown-word",
        "finishing positions",
        "1DH is no place",
        RACES,
        '(?:=|\\(?D[-/]?H\\)?)?", re.ASCII',
        '=?", re.ASCII',
        ("tests/test_parsing_races.py::test_position_and_outcome",),
    ),
    Mutant(
        "unknown-position-is-no-issue",
        "finishing positions",
        "a position in a word that nobody listed passes in silence",
        RACES,
        "return None if value in FINISH_STATUS else UNKNOWN",
        "return None",
        ("tests/test_parsing_races.py::test_position_and_outcome",),
    ),
    Mutant(
        "unknown-code-has-finished",
        "finishing positions",
        "a code that is not listed counts as having finished",
        RACES,
        "return FINISH_STATUS.get(str(upper(raw)), UNKNOWN_STATUS)",
        "return FINISH_STATUS.get(str(upper(raw)), FINISHED)",
        ("tests/test_parsing_races.py::test_position_and_outcome",),
    ),
    Mutant(
        "evens-only-in-full",
        "prices",
        "evens in small letters is stored as a word",
        PRICES,
        'return "1/1" if found[1][0] in "Ee" else found[1]',
        'return "1/1" if found[1][0] == "E" else found[1]',
        READ,
    ),
    Mutant(
        "joint-favourite-has-no-mark",
        "prices",
        "only the clear favourite is marked",
        PRICES,
        "mark = found[2] or found[3]",
        "mark = found[2]",
        READ,
    ),
    Mutant(
        "decimal-for-a-fraction",
        "prices",
        "28 beside decimal odds of 28 is taken for 28/1",
        PRICES,
        "if whole and odds == bare + 1 else None",
        "if whole and odds is not None else None",
        READ,
    ),
    Mutant(
        "zero-is-a-price",
        "prices",
        "decimal odds of 0 are a price",
        TEXTS,
        "        return number or None if isinstance(number, Decimal) else number\n",
        "        return number\n",
        ("tests/test_parsing_values.py::test_decimals",),
    ),
    Mutant(
        "half-to-even",
        "prices",
        "2.625 becomes 2.62",
        TEXTS,
        "rounded = number.quantize(Decimal(1).scaleb(-scale), ROUND_HALF_UP)",
        "rounded = number.quantize(Decimal(1).scaleb(-scale))",
        ("tests/test_parsing_values.py::test_decimals",),
    ),
    Mutant(
        "wall-time-is-utc",
        "clock changes",
        "UK wall time is an hour off from March to October",
        TEXTS,
        "moment.replace(tzinfo=LONDON)",
        "moment.replace(tzinfo=UTC)",
        ("tests/test_parsing_values.py::test_time_of_a_price_is_uk_wall_time",),
    ),
    Mutant(
        "second-of-two-hours",
        "clock changes",
        "the hour that comes twice in October is taken for the second one",
        TEXTS,
        "moment.replace(tzinfo=LONDON)",
        "moment.replace(tzinfo=LONDON, fold=1)",
        ("tests/test_parsing_values.py::test_time_of_a_price_is_uk_wall_time",),
    ),
    Mutant(
        "off-time-in-utc",
        "clock changes",
        "off times are an hour early all summer",
        TEXTS,
        "local = _at(LONDON, moment)",
        "local = _at(UTC, moment)",
        ("tests/test_parsing_values.py::test_dates_and_instants",),
    ),
    Mutant(
        "today-in-utc",
        "clock changes",
        "between midnight and one in summer, today is yesterday",
        "pipelines/clock.py",
        "from pipelines.parsing.values import LONDON",
        "from datetime import UTC as LONDON",
        ("tests/test_faults_time.py::test_today_is_the_day_in_the_united_kingdom",),
    ),
    Mutant(
        "any-money-is-sterling",
        "currency",
        "money in dollars, or no money at all, is sterling",
        PRICES,
        "return _CURRENCIES.get(value[0], UNKNOWN)",
        'return _CURRENCIES.get(value[0], "GBP")',
        ("tests/test_parsing_values.py::test_money",),
    ),
    Mutant(
        "currency-of-the-first-listed",
        "currency",
        "the currency of a race is lost where its first prize is blank",
        PRICES,
        "{currency(prize) for prize in raw} - {None}",
        "{currency(prize) for prize in raw[:1]} - {None}",
        READ,
    ),
    Mutant(
        "euros-as-sterling",
        "currency",
        "prizes in euro are added to those in sterling",
        "sql/views/runs.sql",
        "CASE WHEN prize_currency = 'GBP' THEN prize_won END AS decimal",
        "prize_won AS decimal",
        ("tests/test_views.py",),
    ),
    Mutant(
        "placeholder-is-a-jockey",
        "non-runners",
        "a horse whose jockey is called NON-RUNNER is a runner",
        RACES,
        'return upper(number) == "NR" or is_placeholder(jockey)',
        'return upper(number) == "NR"',
        ("tests/test_parsing_races.py::test_number_or_jockey_marks_a_non_runner",),
    ),
    Mutant(
        "unknown-before-the-results",
        "non-runners",
        "nobody knows of a runner whether it runs before all results of its day are there",
        "sql/after_load.sql",
        "        AND coverage.status = 'complete'\n",
        "",
        ("tests/test_non_runners.py::test_what_is_said_later_changes_who_ran",),
    ),
    Mutant(
        "unknown-for-good",
        "non-runners",
        "a horse of which nobody knew stays unknown when a result names it",
        "sql/after_load.sql",
        "AND is_scratched IS DISTINCT FROM false;",
        "AND is_scratched;",
        ("tests/test_non_runners.py::test_what_is_said_later_changes_who_ran",),
    ),
    Mutant(
        "half-a-furlong-is-lost",
        "distances",
        "the half of 5½f is dropped",
        RACES,
        "(YARDS_IN_A_FURLONG // 2 if half or only_half else 0)",
        "(YARDS_IN_A_FURLONG // 2 if only_half else 0)",
        ("tests/test_parsing_races.py::test_distances",),
    ),
    Mutant(
        "metres-cut-off",
        "distances",
        "metres are cut off, not rounded",
        RACES,
        "return round(distance * METRES_IN_A_YARD)",
        "return int(distance * METRES_IN_A_YARD)",
        ("tests/test_parsing_races.py::test_distances",),
    ),
    Mutant(
        "fast-is-slow",
        "times",
        "a race run faster than standard counts as slower",
        RACES,
        'return seconds if found[1] == "slow" else -seconds',
        "return seconds",
        ("tests/test_parsing_races.py::test_times",),
    ),
    Mutant(
        "surface-in-brackets-is-a-region",
        "names",
        "Newmarket (July) and Lingfield (AW) lose what tells them apart",
        "pipelines/parsing/names.py",
        'return name.removesuffix(f"({region.upper()})").rstrip() or name',
        'return name.partition("(")[0].rstrip() or name',
        ("tests/test_parsing_names.py",),
    ),
    Mutant(
        "form-knows-the-day",
        "figures known before the race",
        "the form of a yard counts the races of the day itself",
        "sql/views/trainer_form_14d.sql",
        "generate_series(1, 14)",
        "generate_series(0, 14)",
        (
            "tests/test_views.py::"
            "test_no_figure_knows_its_race_or_what_followed[trainer_form_14d-duckdb]",
        ),
    ),
    Mutant(
        "history-knows-the-race",
        "figures known before the race",
        "a career counts the race itself",
        "sql/views/runner_history.sql",
        (
            "    career AS (\n"
            "        PARTITION BY horse_id ORDER BY race_date, off_dt, race_id\n"
            "        ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING\n"
        ),
        (
            "    career AS (\n"
            "        PARTITION BY horse_id ORDER BY race_date, off_dt, race_id\n"
            "        ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW\n"
        ),
        (
            "tests/test_views.py::"
            "test_no_figure_knows_its_race_or_what_followed[runner_history-duckdb]",
        ),
    ),
)
