"""The page on functions: every program runs, and the functions that Lua has are told about."""

from __future__ import annotations

import re
from typing import Any

import pytest
import trio

from docs.fragments import programs, run_programs
from lua.running import Files, call, value
from sources import ROOT
from triospike import UdfError, open_client
from triospike._lua.engine import is_available
from triospike._lua.state import LuaState

pytestmark = pytest.mark.skipif(not is_available(), reason="needs lupa")

PAGE = "udf.md"
TEXT = (ROOT / "docs" / PAGE).read_text(encoding="utf-8")


async def test_programs_do_what_they_say() -> None:
    assert len(programs(PAGE)) >= 7
    with trio.fail_after(60):
        async with open_client("embedded://?nodes=2") as client:
            scope: dict[str, Any] = {"client": client}
            await run_programs(PAGE, scope)
    assert isinstance(scope["refused"], UdfError)


@pytest.mark.parametrize("room", ["record", "list", "map", "aerospike"])
def test_every_function_in_the_table_exists_and_none_is_left_out(room: str) -> None:
    (row,) = re.findall(rf"^\| `{room}[.:]` \| (.*)\|$", TEXT, re.MULTILINE)
    told = set(re.findall(r"`(\w+)`", row))
    where = "Aerospike" if room == "aerospike" else room
    collect = f"for name in pairs({where}) do list.append(names, name) end"
    source = f"function f(rec) local names = list() {collect} return names end"
    there = set(value(call(LuaState(Files(m=source)))))
    assert there - told <= {"new", "set_context", "get_config"}
    assert told <= there
