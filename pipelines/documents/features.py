"""Reference of the features, generated from their declarations."""

from __future__ import annotations

from typing import Final

from pipelines.documents.markdown import code, page, table
from pipelines.models.features import meaning_of
from pipelines.tables.features import FEATURES, GROUPS
from pipelines.tables.features.model import LATE_DAYS

INTRODUCTION: Final = f"""\
`pipeline features` makes two tables with the same {len(FEATURES)} columns: `features`, one row
per horse that ran in a race with a result, and `today_features`, one row per runner of the latest
card up to today, without its non-runners. Train a model on the first and apply it to the second.
No API calls.

```python
from pipelines.ask import connect

racing = connect(frame="polars")  # or "pandas"
past, today = racing.table("features"), racing.table("today_features")
wins = racing.sql("SELECT race_id, horse_id, is_winner FROM runs")
train = past.join(wins, on=["race_id", "horse_id"])
```

## What is known before the off

* **Earlier days only.** A figure about the past counts runs of strictly earlier UK days. Races of
  the same day never count, even those run hours before: whether their results were known by then
  cannot be told.
* **The card's facts.** A race with a card has what the card says, even where the card is blank
  and the result is not. A race without a card (before your first day of cards) has what its
  result says of the conditions: going, weight, draw and so on, which are fixed before the off.
* **The field is whom the card declares**: no horse that it marks as a non-runner, no reserve. Who
  ran in the end changes no figure of anybody else.
* **No starting price of the race itself.** Prices are those seen strictly before the scheduled
  off.
* **Late values wait.** Betfair starting prices and ratings may arrive up to two weeks late, so
  the last {LATE_DAYS} days are left out of every figure made of them.
* A run, a win, a place, an expected win and a profit are what the view `runs` says they are.
  Commission is the setting `commission_percent`. A dead heat of n counts as 1/n of a win in A/E
  and in profits.
* NULL is unknown: an unknown code, going, class, draw or person, or no run to divide by. A count
  is 0 where there are no such runs, as far as runs are loaded.

So the morning's `today_features` are the evening's `features`, but for the columns of prices,
non-runners found in between, and corrections of what was known (a steward's decision about last
week's race).

## Which days are computed

The first time, all loaded days; after that, the days that are new or whose cards or results have
changed, and all days after the first of these: after a daily run, the last two weeks. `--all`
computes every day again, which is needed after loading old price histories. With the setting
`features = true`, each daily run does this at its end. A run that fails leaves both tables as
they were.

In DuckDB this takes at most 2 GB of memory and puts the rest on disk, unless your settings have a
`memory_limit` of their own; if 2 GB are not enough, it begins again without a limit. Without one,
2,000,000 runners took 7.3 GB; with it, 2.5 GB for the whole process, and 386 s on two cores.

A feature is one line in `pipelines/tables/features/`: what is counted, for whom, over which
periods, of which runs. Its SQL, type, comment in the database and the lists below follow from
that line.
"""


def feature_reference() -> str:
    """Return every feature with its type and meaning."""
    sections = []
    for _, title, features in GROUPS:
        rows = ((code(one.name), one.type, meaning_of(one)) for one in features)
        sections.append(f"## {title}\n\n{table(('feature', 'type', 'meaning'), rows)}")
    return page("Features", INTRODUCTION, *sections)
