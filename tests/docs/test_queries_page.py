"""The page on scans and queries: every program runs against embedded servers, and every filter is told about."""

from __future__ import annotations

from typing import Any

import attrs
import trio

from docs.fragments import programs, run_programs
from sources import ROOT
from triospike import Filter, Key, QueryPolicy, open_client, open_embedded_server
from triospike.server import ServerConfig

PEOPLE = 120


async def test_programs_do_what_they_say() -> None:
    assert len(programs("queries.md")) >= 10
    with trio.fail_after(60):
        async with open_embedded_server(ServerConfig(nodes=3)) as server, open_client(*server.hosts) as client:
            for number in range(PEOPLE):
                await client.put(
                    Key("test", "people", number),
                    {
                        "age": number,
                        "name": f"person {number}",
                        "tags": ["seven" if number == 7 else "other", "odd" if number % 2 else "even"],
                        "home": {"floor": number},
                    },
                )
            scope: dict[str, Any] = {"client": client, "hosts": server.hosts}
            await run_programs("queries.md", scope)
    assert scope["oldest"] == PEOPLE - 1
    assert len(scope["names"]) == len(scope["found"]) == PEOPLE
    assert scope["pages"] == 4


def test_every_filter_is_told_about() -> None:
    page = (ROOT / "docs" / "queries.md").read_text(encoding="utf-8")
    made = [name for name, each in vars(Filter).items() if isinstance(each, classmethod)]
    assert len(made) == 7
    assert not [name for name in made if f"Filter.{name}(" not in page]


def test_what_bounds_a_query_is_told_about() -> None:
    page = (ROOT / "docs" / "queries.md").read_text(encoding="utf-8")
    own = {field.name for field in attrs.fields(QueryPolicy)} & {
        "max_records",
        "records_per_second",
        "max_concurrent_nodes",
        "expected_duration",
        "max_retries",
    }
    assert len(own) == 5
    assert not {name for name in own if name not in page}
