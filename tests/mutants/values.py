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
        "SELECT CAST(1.0 / nullif(count(*), 0) AS decimal(12, 10))",
        "SELECT CAST(1.0 AS decimal(12, 10))",
        ("tests/test_views.py::test_runs_know_dead_heats_places_and_prices",),
    ),
    Mutant(
        "winning-time-of-the-first-listed",
        "dead heats",
        "the winning time is that of whoever is listed first",
        RACES,
        "strict=True) if integer(place) == 1)",
        "strict=True) if integer(place))",
        ("tests/test_parsing_races.py::test_winning_time_is_the_winners",),
    ),
    Mutant(
        "superscript-is-a-position",
        "finishing positions",
        "a superscript two is the second place",
        RACES,
        "    if not (value.isascii() and value.isdigit()):\n",
        "    if not value.isdigit():\n",
        ("tests/test_parsing_races.py::test_position_and_outcome",),
    ),
    Mutant(
        "unknown-code-has-finished",
        "finishing positions",
        "a code that is not listed counts as having finished",
        RACES,
        'return FINISH_STATUS.get(str(value), "unknown")',
        'return FINISH_STATUS.get(str(value), "finished")',
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
        "return _CURRENCIES.get(value[0], UNREADABLE)",
        'return _CURRENCIES.get(value[0], "GBP")',
        ("tests/test_parsing_values.py::test_money",),
    ),
    Mutant(
        "currency-of-the-first-listed",
        "currency",
        "the currency of a race is lost where its first prize is blank",
        PRICES,
        "map(currency, raw) if found is not None), None)",
        "map(currency, raw)), None)",
        READ,
    ),
    Mutant(
        "euros-as-sterling",
        "currency",
        "prizes in euro are added to those in sterling",
        "sql/views/runs.sql",
        "CASE WHEN result.prize_currency = 'GBP' THEN result.prize_won END AS prize_won_gbp",
        "result.prize_won AS prize_won_gbp",
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
        "all-scratched-before-the-results",
        "non-runners",
        "every runner of a day is marked before its results are complete",
        "sql/after_load.sql",
        "SELECT date FROM ra_coverage WHERE endpoint = 'results' AND status = 'complete'",
        "SELECT date FROM ra_coverage WHERE endpoint = 'results'",
        (
            "tests/test_faults_content.py::"
            "test_race_with_a_result_marks_its_non_runners_while_the_day_is_not_over",
        ),
    ),
    Mutant(
        "card-after-the-result-revives",
        "non-runners",
        "a non-runner is a runner again once its card is read after the result",
        "pipelines/sources/known.py",
        "return False if day in self.over else None",
        "return None",
        ("tests/test_chunk.py::test_card_of_a_race_with_a_known_outcome_says_who_ran",),
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
        ("tests/test_views.py::test_no_figure_knows_its_race_or_what_followed",),
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
        ("tests/test_views.py::test_no_figure_knows_its_race_or_what_followed",),
    ),
)
