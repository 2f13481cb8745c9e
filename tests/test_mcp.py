"""`pipeline mcp`: a client of the official SDK asks over standard input and output."""

from __future__ import annotations

import asyncio
import json
import re
import sys
from collections.abc import Awaitable, Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from mcp import StdioServerParameters
from mcp.client.client import Client

from pipelines.ask import connect
from pipelines.ask.database import NOT_COMPUTED
from pipelines.ask.dictionary import recipes, view_texts
from pipelines.tables import TABLES
from pipelines.tables.features import FEATURES, KEYS
from tests.test_ask import WRITES
from tests.world import World

pytestmark = pytest.mark.slow
DAY = date(2025, 9, 26)


@pytest.fixture(scope="module", params=["duckdb", "postgres"])
def address(world: World, request: pytest.FixtureRequest) -> tuple[str, str]:
    return request.param, world.both[request.param].credentials


Questions = Callable[[Client], Awaitable[None]]


class Assistant:
    """A client that keeps its server: to start one takes two seconds."""

    def __init__(self, loop: asyncio.AbstractEventLoop, client: Client, folder: Path) -> None:
        self._loop, self._client, self.folder = loop, client, folder

    def ask(self, questions: Questions) -> None:
        """Put questions to the server."""
        self._loop.run_until_complete(questions(self._client))


@pytest.fixture(scope="module")
def assistant(
    address: tuple[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Assistant]:
    """Start the server as an assistant does."""
    name, credentials = address
    folder = tmp_path_factory.mktemp("mcp")
    settings = {
        "DESTINATION_TYPE": name,
        f"DESTINATION__{name.upper()}__CREDENTIALS": credentials,
        "DLT_DATA_DIR": str(folder / "dlt"),
    }
    command = StdioServerParameters(
        command=sys.executable, args=["-m", "pipelines", "mcp"], cwd=folder, env=settings
    )

    async def serve(there: asyncio.Future[Client], end: asyncio.Event) -> None:
        async with Client(command, read_timeout_seconds=60) as client:
            there.set_result(client)
            await end.wait()

    with asyncio.Runner() as runner:
        loop, end = runner.get_loop(), asyncio.Event()
        there: asyncio.Future[Client] = loop.create_future()
        served = loop.create_task(serve(there, end))  # which opens it has to close it
        either: set[asyncio.Future[Any]] = {there, served}
        loop.run_until_complete(asyncio.wait(either, return_when="FIRST_COMPLETED"))
        if served.done():
            served.result()
        yield Assistant(loop, there.result(), folder)
        end.set()
        loop.run_until_complete(served)


async def answer(client: Client, tool: str, **arguments: str) -> dict[str, Any]:
    result = await client.call_tool(tool, arguments)
    content: Any = result.content[0]
    assert not result.is_error, content.text
    found: dict[str, Any] = json.loads(content.text)
    return found


async def refusal(client: Client, tool: str, **arguments: str) -> str:
    result = await client.call_tool(tool, arguments)
    content: Any = result.content[0]
    assert result.is_error
    return str(content.text)


def test_assistant_asks_for_cards_races_histories_and_figures(
    address: tuple[str, str], assistant: Assistant
) -> None:
    racing = connect(address[1])
    card, ran = racing.card(DAY).to_pylist(), racing.results(DAY).to_pylist()
    first = card[0]
    winner = next(run for run in ran if run["race_id"] == first["race_id"] and run["is_winner"])

    async def questions(client: Client) -> None:
        races = await answer(client, "today_card", day=str(DAY))
        assert {row["race_id"] for row in races["rows"]} == {row["race_id"] for row in card}
        assert races["tables"] == ["today_card"]
        assert races["current"][1]["endpoint"] == "results"
        assert races["current"][1]["last_complete_day"] == "2025-09-30"
        course = first["course_name"]
        meeting = await answer(client, "today_card", day=str(DAY), course=course[:5].upper())
        assert {row["horse_id"] for row in meeting["rows"]} == {
            row["horse_id"] for row in card if row["course_name"].startswith(course[:5])
        }
        race = await answer(client, "race", race_id=first["race_id"])
        assert race["race"]["race_name"] == first["race_name"]
        assert race["result"][0]["horse_id"] == winner["horse_id"]
        assert len(race["rows"]) == sum(row["race_id"] == first["race_id"] for row in card)
        history = await answer(client, "horse_history", horse=winner["horse_id"])
        assert first["race_id"] in [row["race_id"] for row in history["rows"]]
        assert history["tables"] == ["runner_history"]
        before = await answer(client, "horse_history", horse=winner["horse_id"], before=str(DAY))
        assert all(row["race_date"] < str(DAY) for row in before["rows"])
        for person in ("trainer", "jockey"):
            person_id = winner[f"{person}_id"]
            figures = await answer(client, f"{person}_figures", **{person: person_id})
            everything = [row for row in figures["rows"] if row["period"].startswith("all")]
            query = f"SELECT count(*) AS runs FROM runs WHERE {person}_id = '{person_id}'"
            (expected,) = racing.sql(query).to_pylist()
            assert sum(row["runs"] for row in everything) == expected["runs"]
            assert await refusal(client, f"{person}_figures", **{person: "Nobody"})
        key = {"id": first["race_id"], "horse_id": first["horse_id"]}
        why = await answer(client, "why", table="ra_runners", column="horse_name", **key)
        assert why["rows"][0]["value"] == first["horse_name"]
        assert why["tables"] == ["ra_card_runners", "ra_race_results", "ra_runners"]
        key = {"id": first["trainer_id"], "column": "name"}
        why = await answer(client, "why", table="ra_mst_trainers", **key)
        assert why["rows"][0]["value"] == first["trainer_name"]

    assistant.ask(questions)


def test_queries_are_limited_writes_refused_and_resources_and_prompts_are_there(
    address: tuple[str, str], assistant: Assistant
) -> None:
    racing = connect(address[1])
    races = racing.sql("SELECT count(*) FROM ra_races")

    async def questions(client: Client) -> None:
        await _queries_are_limited_and_writes_refused(client)
        await _dictionary_views_and_cookbook_are_resources_and_prompts(client)

    assistant.ask(questions)
    assert racing.sql("SELECT count(*) FROM ra_races") == races
    assert [*assistant.folder.glob("*.csv")] == []


async def _queries_are_limited_and_writes_refused(client: Client) -> None:
    found = await answer(client, "query", sql="SELECT race_id FROM ra_runners")
    assert (len(found["rows"]), found["more_rows_left_out"]) == (500, True)
    assert found["tables"] == ["ra_runners"]
    for write in WRITES.values():
        assert "Error executing tool query: " in await refusal(client, "query", sql=write)
    assert "cannot be understood" in await refusal(client, "query", sql="SELEC 1")


async def _dictionary_views_and_cookbook_are_resources_and_prompts(client: Client) -> None:
    async def text(uri: str) -> str:
        content: Any = (await client.read_resource(uri)).contents[0]
        return str(content.text)

    tables, views = await text("racing://tables"), await text("racing://views")
    assert [name for name in TABLES if f"`{name}`" not in tables] == []
    assert [name for name in view_texts() if f"`{name}`" not in views] == []
    assert "- `off_dt` timestamp: " in await text("racing://tables/ra_races")
    assert "- `days_off`: Days since the last run" in await text("racing://views/today_card")
    assert "- `is_small_sample`: Fewer than five" in await text("racing://views/jockey_stats")
    features = await text("racing://features")
    assert features == await text("racing://tables/today_features")
    groups = re.findall(r"racing://features/(\w+)", features)
    told = [await text(f"racing://features/{group}") for group in groups]
    lines = [f"- `{one.name}` {one.type}: " for one in (*KEYS, *FEATURES)]
    assert [line for line in lines if line not in "".join(told)] == []
    assert [one.name for one in FEATURES if one.name not in features] == []
    assert NOT_COMPUTED in await refusal(client, "query", sql="SELECT * FROM features")
    cookbook = await text("racing://cookbook")
    prompts = {prompt.name: prompt for prompt in (await client.list_prompts()).prompts}
    assert prompts.keys() == recipes().keys()
    for name, recipe in recipes().items():
        assert recipe.query in cookbook
        assert prompts[name].description == recipe.question
    said: Any = (await client.get_prompt("draw_bias")).messages[0].content
    query = said.text.split("```sql\n")[1].removesuffix("\n```")
    found = await answer(client, "query", sql=query)
    assert "runs" in found["tables"] or "draw_bias" in found["tables"]
