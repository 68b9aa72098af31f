"""The page on workers: its module is imported, and every program runs with two workers and an embedded server."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import trio

from docs.fragments import programs, run_programs
from triospike import open_embedded_server
from triospike.workers import open_workers


async def test_programs_do_what_they_say(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    module, *others = programs("workers.md")
    assert module.startswith("# shop.py\n")
    assert len(others) >= 6
    (tmp_path / "shop.py").write_text(module, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    with trio.fail_after(60):
        async with open_embedded_server() as server, open_workers(2, *server.hosts) as workers:
            scope: dict[str, Any] = {"workers": workers}
            await run_programs("workers.md", scope)
    assert isinstance(scope["refused"], ValueError)
