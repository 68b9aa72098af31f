"""Finds the interpreter, and makes new ones with nothing in them that leads out."""

from __future__ import annotations

import importlib
from functools import cache
from importlib.resources import files
from typing import Any, Final, NoReturn

__all__ = ["LuaMissing", "chunks", "is_available", "lua_error", "new_runtime"]

MOST_MEMORY: Final = 256 << 20
"""Bytes that one interpreter may take."""

_CHUNKS = ("values", "packing", "records", "streams", "sandbox")


class LuaMissing(ImportError):
    """The package lupa is not there, or has no Lua 5.4."""

    def __init__(self) -> None:
        super().__init__("Lua needs the package lupa: install triospike[lua]")


@cache
def _lupa() -> Any:
    try:
        return importlib.import_module("lupa.lua54")
    except ImportError:
        return None


def is_available() -> bool:
    """Whether Lua can be run here."""
    return _lupa() is not None


def lua_error() -> type[Exception]:
    """The class of errors that an interpreter raises.

    Raises:
        LuaMissing: There is no interpreter.
    """
    lupa = _lupa()
    if lupa is None:
        raise LuaMissing
    error: type[Exception] = lupa.LuaError
    return error


def _no_attributes(_object: object, name: object, _is_setting: bool) -> NoReturn:
    raise AttributeError(f"Lua may not reach {name!r}")


def new_runtime() -> Any:
    """A new interpreter; its strings are bytes.

    Raises:
        LuaMissing: There is none.
    """
    lupa = _lupa()
    if lupa is None:
        raise LuaMissing
    return lupa.LuaRuntime(
        encoding=None,
        attribute_filter=_no_attributes,
        register_eval=False,
        register_builtins=False,
        unpack_returned_tuples=True,
        max_memory=MOST_MEMORY,
    )


@cache
def chunks() -> tuple[tuple[bytes, bytes], ...]:
    """Name and source of what is loaded into every interpreter, in order."""
    here = files(__package__)
    return tuple((f"={name}.lua".encode(), here.joinpath(f"{name}.lua").read_bytes()) for name in _CHUNKS)
