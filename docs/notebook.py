"""A notebook on your own tables: `pip install 'racing-pipelines[notebook]'`, then
`marimo edit docs/notebook.py` in the folder where your data is.
"""

import marimo

app = marimo.App(width="medium")


@app.cell
def _():
    import altair as alt
    import marimo as mo

    from pipelines.ask import connect

    racing = connect(frame="polars")
    return alt, mo, racing


@app.cell
def _(mo, racing):
    day = racing.latest_day()
    mo.md(f"# The card of {day:%A %d %B %Y}\n\nFrom `{racing.database.place}`; no call to the API.")
    return (day,)


@app.cell
def _(alt, day, racing):
    # 1. How fit are today's runners? Days since the last run, by code.
    card = racing.card(day)
    days_off = (
        alt.Chart(card.drop_nulls("days_off").select("days_off", "race_type"))
        .mark_bar()
        .encode(
            x=alt.X("days_off:Q", bin=alt.Bin(step=7), title="days since the last run"),
            y=alt.Y("count()", title="runners"),
            color=alt.Color("race_type:N", title="race type"),
        )
        .properties(title="Days off of today's runners")
    )
    days_off
    return card, days_off


@app.cell
def _(alt, racing):
    # 2. Do favourites win as often as their price says? A point for each race type and class.
    favourites = racing.sql(
        """
        SELECT race_type, sum(runs) AS runs, sum(wins) AS wins,
               CAST(sum(actual_expected * runs) / sum(runs) AS double precision) AS actual_expected
        FROM favourites WHERE NOT is_joint GROUP BY race_type ORDER BY race_type
        """
    )
    against_market = (
        alt.Chart(favourites)
        .mark_bar()
        .encode(
            x=alt.X("actual_expected:Q", title="actual wins / wins expected from the price"),
            y=alt.Y("race_type:N", title=None),
            tooltip=["race_type", "runs", "wins", "actual_expected"],
        )
        .properties(title="Favourites against the market")
    )
    against_market
    return against_market, favourites


@app.cell
def _(alt, card, racing):
    # 3. The ratings of the horse with most runs on today's card.
    busiest = card.sort("runs_before", "horse_id", descending=True).row(0, named=True)
    runs = racing.history(busiest["horse_id"])
    ratings = (
        alt.Chart(runs.select("race_date", "official_rating", "position", "course_name"))
        .mark_line(point=True)
        .encode(
            x=alt.X("race_date:T", title=None),
            y=alt.Y("official_rating:Q", scale=alt.Scale(zero=False), title="official rating"),
            tooltip=["race_date", "course_name", "position", "official_rating"],
        )
        .properties(title=f"Official ratings of {busiest['horse_name']}")
    )
    ratings
    return ratings, runs


if __name__ == "__main__":
    app.run()
