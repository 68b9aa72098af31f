"""The pages on bits, sketches and expressions: every program runs against an embedded server."""

from __future__ import annotations

from typing import Any

import pytest
import trio

from docs.fragments import programs, run_programs
from triospike import BinExists, FilteredOut, Key, OperationNotApplicable, open_client

REFUSALS = {"bits.md": OperationNotApplicable, "hll.md": BinExists, "expressions.md": FilteredOut}


@pytest.mark.parametrize("page", REFUSALS)
async def test_programs_do_what_they_say(page: str) -> None:
    assert len(programs(page)) >= 5
    with trio.fail_after(60):
        async with open_client("embedded://") as client:
            scope: dict[str, Any] = {"client": client, "key": Key("test", "docs", page)}
            await run_programs(page, scope)
    assert isinstance(scope["refused"], REFUSALS[page])
