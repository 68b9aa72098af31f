"""The page on batches: every program runs, and every call, item and policy is told about."""

from __future__ import annotations

from typing import Any

import trio

from docs.fragments import programs, run_programs
from sources import ROOT
from triospike import Client, batch, open_client, policy

PAGE = "batch.md"


async def test_programs_do_what_they_say() -> None:
    assert len(programs(PAGE)) >= 5
    with trio.fail_after(60):
        async with open_client("embedded://?nodes=2") as client:
            scope: dict[str, Any] = {"client": client}
            await run_programs(PAGE, scope)
    assert scope["total"] == 98


def test_every_name_is_told() -> None:
    text = (ROOT / "docs" / PAGE).read_text(encoding="utf-8")
    calls = [name for name in dir(Client) if name.startswith("batch")]
    items = [name for name in batch.__all__ if name != "BatchItem"]
    policies = [name for name in dir(policy) if name.startswith("Batch")]
    assert len(calls) == 7
    assert not [name for name in (*calls, *items, *policies) if name not in text]
