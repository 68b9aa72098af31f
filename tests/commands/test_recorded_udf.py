"""Recorded function calls and aggregations, made with triospike: the same requests, and the same results."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from commands.neutral import exact, to_python
from commands.official_udf import aggregation_of, apply_of, function_of
from triospike import AerospikeError, UdfError
from triospike._commands.aggregate import PackedValue, read_values, value_of
from triospike._lua.engine import is_available
from triospike._lua.state import LuaState, Scope, Step
from vectors.recorded import Vector, load

_APPLIED = [vector for vector in load("udf") if vector.call.get("method") == "apply"]
_AGGREGATED = [vector for vector in load("query") if "apply" in vector.call]
_SENT = [vector for vector in _AGGREGATED if vector.exchanges]
_TASK_ID = re.compile(b"\0\0\0\x09\x07")


def _params(vectors: list[Vector]) -> list[Any]:
    return [pytest.param(vector, id=vector.id) for vector in vectors]


def test_number_of_covered_calls_does_not_shrink() -> None:
    assert (len(_APPLIED), len(_AGGREGATED), len(_SENT)) == (67, 9, 8)


@pytest.mark.parametrize("vector", _params(_APPLIED))
def test_apply_sends_the_recorded_request(vector: Vector) -> None:
    (exchange,) = vector.exchanges
    assert apply_of(vector.call).request.hex() == exchange.request.hex()


@pytest.mark.parametrize("vector", _params(_APPLIED))
def test_apply_gives_the_recorded_result(vector: Vector) -> None:
    command = apply_of(vector.call)
    (frame,) = vector.exchanges[0].response
    if vector.error is None:
        assert exact(command.parse(frame)) == exact(to_python(vector.result))
        return
    with pytest.raises(AerospikeError) as caught:
        command.parse(frame)
    assert caught.value.result_code == vector.error["code"]
    if caught.value.result_code == 100:
        assert isinstance(caught.value, UdfError)
        assert caught.value.message == vector.error["message"]


@pytest.mark.parametrize("vector", _params(_SENT))
def test_aggregation_sends_the_recorded_request(vector: Vector) -> None:
    recorded = vector.exchanges[0].request
    found = _TASK_ID.search(recorded)
    assert found is not None
    task_id = int.from_bytes(recorded[found.end() : found.end() + 8], "big")
    assert aggregation_of(vector.call, task_id).hex() == recorded.hex()


class _Source:
    """The recorded module."""

    def source(self, name: str) -> tuple[bytes, str] | None:
        put = next(vector for vector in load("query") if vector.id == "udf/put")
        return (put.call["content"].encode(), "qmod.lua") if name == "qmod" else None

    def log(self, level: int, where: str, line: int, text: str) -> None:
        raise AssertionError(text)

    def now_ms(self) -> int:
        return 0


def _reduced(vector: Vector, values: list[PackedValue]) -> Iterator[Any]:
    state = LuaState(_Source())
    assert state.load("qmod") is None
    call = function_of(vector.call)
    waiting = iter(values)
    step, kind, content = state.begin_stream(call.function.encode(), Scope.CLIENT, call.arguments)
    while step is not Step.END:
        if step is Step.FAILED:
            raise UdfError(content.decode())
        if step is Step.WRITE:
            yield value_of(kind, content)
            step, kind, content = state.go_on()
        else:
            step, kind, content = state.feed_value(*next(waiting, (0, b"")))


@pytest.mark.skipif(not is_available(), reason="needs lupa")
@pytest.mark.parametrize("vector", _params([vector for vector in _AGGREGATED if vector.error is None]))
def test_aggregation_gives_the_recorded_result(vector: Vector) -> None:
    frames = [read_values(frame) for frame in vector.exchanges[0].response]
    assert [is_last for _, is_last in frames] == [False] * (len(frames) - 1) + [True]
    result = list(_reduced(vector, [value for values, _ in frames for value in values]))
    want = to_python(vector.result)
    assert sorted(map(exact, result)) == sorted(map(exact, want))


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("aggregate/lua-error", "UDF: Execution Error 2 : usr/udf/lua/qmod.lua:23: no good"),
        ("aggregate/with-filter-is-error", "UNSUPPORTED_FEATURE (16)"),
    ],
)
def test_aggregation_that_fails_in_the_server_raises(name: str, error: str) -> None:
    (vector,) = (vector for vector in _AGGREGATED if vector.id == name)
    with pytest.raises(AerospikeError, match=re.escape(error)):
        read_values(vector.exchanges[0].response[0])


@pytest.mark.skipif(not is_available(), reason="needs lupa")
def test_function_that_is_not_there_fails_here_before_anything_is_read() -> None:
    (vector,) = (vector for vector in _AGGREGATED if vector.id == "aggregate/no-function")
    with pytest.raises(UdfError, match="function not found"):
        list(_reduced(vector, []))
