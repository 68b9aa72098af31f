"""Lua as functions see it: the results of small functions, as a server of version 8.1.2 gave them."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from asking import ask_info, field, integer, op, read, send
from lone_node import LoneNode

from triospike._lua.engine import is_available
from triospike.key import Key

pytestmark = pytest.mark.skipif(not is_available(), reason="needs lupa")

_FILE = Path(__file__).parents[1] / "vectors" / "lua_on_a_server.jsonl"
_MEASURED: list[dict[str, Any]] = [json.loads(line) for line in _FILE.read_text(encoding="utf-8").splitlines()]
KEY = Key("test", "udfq", "a")
ARGUMENTS = bytes.fromhex("92930102 03 83c70001c0 a2036102 a2036201")
WRITE = 0x01


def register(node: LoneNode, source: str, name: str = "m.lua") -> None:
    content = base64.b64encode(source.encode()).decode()
    command = f"udf-put:filename={name};content={content};content-len={len(content)};udf-type=LUA;"
    assert ask_info(node, command) == "ok"


def test_there_are_as_many_functions_as_were_measured() -> None:
    assert len(_MEASURED) >= 250


@pytest.mark.parametrize(
    "measured", [pytest.param(each, id=f"{each['body']}{' (no record)' * each['missing']}") for each in _MEASURED]
)
def test_function_gives_what_it_gave_on_a_server(measured: dict[str, Any]) -> None:
    node = LoneNode()
    register(node, f"function f(rec, arg1, arg2) {measured['body']} end")
    if not measured["missing"]:
        bins = (op(2, "n", 1, integer(5)), op(2, "s", 3, b"str"))
        send(node, KEY, *bins, info=(0, WRITE, 0), fields=(field(2, b"\x03a"),))
    given = send(node, KEY, info=(0, WRITE, 0), fields=(field(30, b"m"), field(31, b"f"), field(32, ARGUMENTS)))
    assert (given.code, given.generation) == (measured["code"], measured["generation"])
    assert [list(each) for each in given.bins] == ([measured["op"]] if measured["op"] else [])
    after = read(node, KEY)
    assert after.generation == measured["after"]
    assert [name for name, _, _ in after.bins] == (measured["bins"] or [])
