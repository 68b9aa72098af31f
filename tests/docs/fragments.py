"""Programs in pages of documentation: found, and run as if they stood in one async function."""

from __future__ import annotations

import ast
import re
import textwrap
from typing import Any

from sources import ROOT

__all__ = ["programs", "run_programs"]


def programs(page: str) -> list[str]:
    """The Python blocks of a page, in order."""
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    return re.findall(r"^```python\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


async def run_programs(page: str, scope: dict[str, Any]) -> None:
    """Run the blocks of a page one after the other; the names that one binds stay for the next."""
    for number, program in enumerate(programs(page), 1):
        flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
        code = compile(textwrap.dedent(program), f"{page}, program {number}", "exec", flags=flags)
        waiting = eval(code, scope)
        if waiting is not None:
            await waiting
