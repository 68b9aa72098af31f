"""The page on columns: every program runs against an embedded server, with NumPy and pyarrow at hand."""

from __future__ import annotations

from typing import Any

import trio

from docs.fragments import programs, run_programs
from triospike import open_client


async def test_programs_do_what_they_say() -> None:
    assert len(programs("columns.md")) >= 11
    with trio.fail_after(60):
        async with open_client("embedded://?nodes=3") as client:
            scope: dict[str, Any] = {"client": client}
            await run_programs("columns.md", scope)
    assert isinstance(scope["refused"], ValueError)
