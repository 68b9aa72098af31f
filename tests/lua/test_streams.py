"""Streams: the server's part on records, the client's part on what servers made of them."""

from __future__ import annotations

from typing import Any

import pytest

from lua.running import stream
from triospike._lua.engine import is_available
from triospike._lua.state import Scope

pytestmark = pytest.mark.skipif(not is_available(), reason="needs lupa")

RECORDS = [{"n": n, "g": "ab"[n % 2]} for n in range(6)]
ADD = "local function add(a, b) return a + b end "
NUMBER = "local function n(r) return r.n end "


@pytest.mark.parametrize(
    ("body", "server", "client"),
    [
        # Function body, what the server gives for the records above, what the client makes of 1, 2 and 3.
        ("s : map(n)", [0, 1, 2, 3, 4, 5], [1, 2, 3]),
        ("s : map(n) : reduce(add)", [15], [6]),
        ("s : filter(function(r) return r.n > 3 end) : map(n)", [4, 5], [1, 2, 3]),
        ("s : map(n) : reduce(add) : map(function(x) return x * 10 end)", [15], [60]),
        ("s : map(n) : reduce(add) : filter(function(x) return x > 100 end)", [15], []),
        ("s : aggregate(0, function(a, r) return a + r.n end)", [15], [1, 2, 3]),
        ("s : aggregate(0, function(a, r) return a + r.n end) : reduce(add)", [15], [6]),
        ("s : aggregate(10, function(a, r) return a + 1 end) : map(function(a) return -a end)", [-16], [1, 2, 3]),
        ("s : map(function(r) return r.missing end)", [], [1, 2, 3]),
        ("s : map(function(r) return {1} end)", [None] * 6, [1, 2, 3]),
        ("s : map(function(r) return type(r) .. record.setname(r) end)", None, [1, 2, 3]),
    ],
)
def test_operations_up_to_the_first_reduction_are_the_servers(
    body: str, server: list[Any] | None, client: list[Any]
) -> None:
    source = ADD + NUMBER + f"function f(s) return {body} end"
    if server is not None:
        assert stream(source, Scope.SERVER, RECORDS) == server
    assert stream(source, Scope.CLIENT, [1, 2, 3]) == client


def test_groups_are_joined() -> None:
    source = "function f(s) return s : map(function(r) return r.n end) : groupby(function(n) return n % 2 end) end"
    assert stream(source, Scope.SERVER, RECORDS) == [{0: [0, 2, 4], 1: [1, 3, 5]}]
    assert stream(source, Scope.CLIENT, [{0: [0], 1: [1]}, {1: [3], 2: [2]}]) == [{0: [0], 1: [1, 3], 2: [2]}]


def test_number_that_has_grown_to_a_thousand_is_handed_on() -> None:
    source = "function f(s) return s : aggregate(0, function(a, r) return a + 400 end) end"
    assert stream(source, Scope.SERVER, RECORDS) == [1200, 1200, 0]


def test_initial_value_is_copied_for_each_aggregation() -> None:
    source = "function f(s) return s : aggregate(map(), function(m, r) m[r.g] = r.n; return m end) end"
    assert stream(source, Scope.SERVER, RECORDS) == [{"a": 4, "b": 5}]


def test_stream_of_nothing_has_no_value() -> None:
    source = ADD + NUMBER + "function f(s) return s : map(n) : reduce(add) end"
    assert stream(source, Scope.SERVER, []) == []
    assert stream(source, Scope.CLIENT, []) == []


def test_arguments_come_behind_the_stream() -> None:
    source = "function f(s, a, b) return s : map(function(r) return list{r.n, a, b} end) end"
    assert stream(source, Scope.SERVER, [{"n": 1}], "x", {"y": 2}) == [[1, "x", {"y": 2}]]


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("return s : map(function(r) error('no good') end)", "m.lua:1: no good"),
        ("error('at once')", "m.lua:1: at once"),
        ("return 5", "the function did not return a stream"),
        ("return s : map(function(r) while true do end end)", "UDF Execution Timeout"),
    ],
)
def test_failure_ends_the_stream(body: str, message: str) -> None:
    assert stream(f"function f(s) {body} end", Scope.SERVER, RECORDS) == [message]


def test_values_before_a_failure_are_given() -> None:
    source = "function f(s) return s : map(function(r) if r.n == 2 then error('two', 0) end return r.n end) end"
    assert stream(source, Scope.SERVER, RECORDS) == [0, 1, "two"]


def test_limit_is_for_each_record_and_not_for_all() -> None:
    source = "function f(s) return s : map(function(r) for i = 1, 30000000 do end return 1 end) end"
    assert stream(source, Scope.SERVER, RECORDS[:3]) == [1, 1, 1]
