"""The page on administration: every program runs against embedded servers, and every call is told about."""

from __future__ import annotations

from typing import Any

import trio

from docs.fragments import programs, run_programs
from sources import ROOT
from triospike import IndexFound, open_client
from triospike._client.indexes import IndexCommands
from triospike._client.monitoring import MonitoringCommands


async def test_programs_do_what_they_say() -> None:
    assert len(programs("admin.md")) >= 9
    with trio.fail_after(60):
        async with open_client("embedded://?nodes=3") as client:
            scope: dict[str, Any] = {"client": client}
            await run_programs("admin.md", scope)
    assert isinstance(scope["refused"], IndexFound)


def test_every_call_is_told_about() -> None:
    page = (ROOT / "docs" / "admin.md").read_text(encoding="utf-8")
    names = {
        name for room in (IndexCommands, MonitoringCommands) for name in vars(room) if not name.startswith("_")
    }
    assert len(names) == 16
    assert not {name for name in names if f"`{name}`" not in page and f"client.{name}(" not in page}
