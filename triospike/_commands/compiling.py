"""Functions that are compiled for what a program's data look like: the loops in them are unrolled."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from types import CodeType
from typing import Any

__all__ = ["compiled_function"]


def compiled_function(source: str, names: Mapping[str, Any], about: str) -> Any:
    """Compile the source of one function.

    Args:
        source: Begins with ``def``. Nothing that came from elsewhere may be part of it.
        names: What it uses, by name; that is the place for it.
        about: What it is for: stands in tracebacks in the place of a file.
    """
    names = dict(names)
    exec(_compiled(source, f"<{about}>"), names)
    return names[source[4 : source.index("(")]]


@lru_cache(maxsize=512)
def _compiled(source: str, file: str) -> CodeType:
    return compile(source, file, "exec")
