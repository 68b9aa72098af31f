"""The page on strings: every program runs, on a server that knows none of it, and nothing is left out."""

from __future__ import annotations

import inspect
from typing import Any

import trio

from docs.fragments import programs, run_programs
from sources import ROOT
from triospike import InvalidRequest, Key, open_client
from triospike.operations import strings


async def test_programs_do_what_they_say() -> None:
    assert len(programs("strings.md")) >= 5
    with trio.fail_after(60):
        async with open_client("embedded://") as client:
            scope: dict[str, Any] = {"client": client, "key": Key("test", "docs", "strings")}
            await run_programs("strings.md", scope)
    assert isinstance(scope["refused"], InvalidRequest)


def test_every_operation_is_told_about() -> None:
    page = (ROOT / "docs" / "strings.md").read_text(encoding="utf-8")
    names = {name for name, each in vars(strings).items() if inspect.isfunction(each)}
    assert len(names) >= 30
    assert not {name for name in names if f"`{name}`" not in page}
