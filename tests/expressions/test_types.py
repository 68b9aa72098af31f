"""Type checkers refuse nonsense: mypy reads a file in which each refusal is expected."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
import trio

from sources import ROOT

_TYPED = Path(__file__).with_name("typed.py")


async def test_mypy_knows_the_types_and_refuses_exactly_what_it_should() -> None:
    pytest.importorskip("mypy")
    arguments = [sys.executable, "-m", "mypy", "--no-error-summary", "--follow-imports=silent", str(_TYPED)]
    with trio.fail_after(110):
        done = await trio.run_process(arguments, cwd=ROOT, capture_stdout=True, capture_stderr=True, check=False)
    assert (done.stdout.decode(), done.stderr.decode(), done.returncode) == ("", "", 0)
