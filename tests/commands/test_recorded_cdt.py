"""Recorded list and map calls of the official client, made with triospike: the same bytes and results."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping
from typing import Any

import pytest

from commands.each_recorded import for_each
from commands.neutral import exact, to_python
from commands.official_calls import command_for, key_of
from commands.official_cdt import WITH_SCALARS
from commands.uncovered_cdt import OPEN_END, REFUSED
from triospike._commands.base import Command
from triospike._commands.info import InfoCommand
from triospike._commands.operate import OperateCommand
from triospike._commands.record_parser import parse_bins
from triospike.defaults import DefaultPolicies
from triospike.errors import AerospikeError
from triospike.policy import ClientPolicy
from triospike.record import Record
from vectors.recorded import Vector, load
from wire.plain_reader import plain_bins

COVERED = {"list": 1445, "map": 2641, "cdt_ctx": 352}
_OPERATE = {"operate", "operate_ordered"}
_KEY_VALUE = 8
_KEY_VALUE_ORDERED = bytes.fromhex("c70003c0")
_POLICY = DefaultPolicies.of(ClientPolicy()).for_operate(None)
_OFFICIAL = {
    group: {vector.id: vector for vector in load(group) if vector.origin == "official"} for group in COVERED
}


def _outside(group: str) -> set[str]:
    return {*REFUSED.get(group, {}), *OPEN_END.get(group, ())}


def _by_group(ids: Mapping[str, Iterable[str]]) -> dict[str, list[Vector]]:
    return {group: [_OFFICIAL[group][name] for name in ids[group]] for group in ids}


_COVERED = _by_group(
    {group: [name for name in _OFFICIAL[group] if name not in _outside(group)] for group in COVERED}
)
_OPEN_ENDS = _by_group(OPEN_END)


def _made(vector: Vector) -> Command[Any] | InfoCommand:
    if vector.call["method"] not in _OPERATE:
        return command_for(vector)
    return OperateCommand(key_of(vector.call), [WITH_SCALARS[op["op"]](op) for op in vector.call["list"]], _POLICY)


@for_each(_COVERED)
def test_request_is_the_recorded_one(vector: Vector) -> None:
    (exchange,) = vector.exchanges
    assert _made(vector).request.hex() == exchange.request.hex()


@for_each({group: [*_COVERED[group], *_OPEN_ENDS.get(group, ())] for group in COVERED})
def test_answer_gives_the_recorded_result(vector: Vector) -> None:
    (frame,) = vector.exchanges[0].response
    command = _made(vector)
    if vector.error is None:
        plain = _KEY_VALUE_ORDERED in frame
        assert _seen(command.parse(frame), plain=plain) == _expected(vector, plain=plain)
    elif vector.call["method"] == "get" and vector.error["code"] == 2:
        assert command.parse(frame) is None
    else:
        with pytest.raises(AerospikeError) as caught:
            command.parse(frame)
        assert caught.value.result_code == vector.error["code"]


def _seen(result: Any, *, plain: bool) -> Any:
    if not isinstance(result, Record):
        return result
    return result.generation, result.ttl, exact(_plain(result.bins) if plain else result.bins)


def _plain(value: Any) -> Any:
    """All maps as dicts: of a map with an index by value, the official client makes no ordered one."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list) else value


def _expected(vector: Vector, *, plain: bool) -> Any:
    if not isinstance(vector.result, dict):
        return None
    record = vector.result["record"]
    assert record["meta"]["ttl"] == 0xFFFFFFFF
    bins = to_python(record["bins"])
    bins = bins if isinstance(bins, dict) else _gathered(vector, bins)
    return record["meta"]["gen"], None, exact(_plain(bins) if plain else bins)


def _gathered(vector: Vector, results: list[tuple[str, Any]]) -> dict[str, Any]:
    """The results by bin, a list where a bin has several; pairs as tuples, not one flat list."""
    operations = vector.call["list"]
    if any(op.get("return_type") == _KEY_VALUE for op in operations):
        assert len(results) == len(operations)  # with a map operation, each one is answered
        results = [
            (name, _pairs(value) if op.get("return_type") == _KEY_VALUE else value)
            for op, (name, value) in zip(operations, results, strict=True)
        ]
    gathered: dict[str, list[Any]] = {}
    for name, value in results:
        gathered.setdefault(name, []).append(value)
    return {name: values if len(values) > 1 else values[0] for name, values in gathered.items()}


def _pairs(flat: list[Any] | None) -> list[tuple[Any, Any]] | None:
    return None if flat is None else list(zip(flat[::2], flat[1::2], strict=True))


@pytest.mark.parametrize("group", COVERED)
def test_every_answer_is_read_as_the_plain_reader_reads_it(group: str) -> None:
    for vector in load(group):
        for exchange in vector.exchanges:
            for frame in exchange.response:
                n_fields, n_ops = struct.unpack_from(">HH", frame, 8 + 18)
                found = [(name, exact(value)) for name, value in parse_bins(frame, n_fields, n_ops)]
                assert found == [(name, exact(value)) for name, value in plain_bins(frame)], vector.id


# What is not covered, and why.


@pytest.mark.parametrize("group", COVERED)
def test_number_of_covered_calls_does_not_shrink(group: str) -> None:
    assert len(_COVERED[group]) == COVERED[group]


@pytest.mark.parametrize("group", COVERED)
def test_lists_name_only_calls_that_exist_and_each_once(group: str) -> None:
    names = [*REFUSED.get(group, {}), *OPEN_END.get(group, ())]
    assert len(names) == len(set(names))
    assert set(names) <= set(_OFFICIAL[group])


@for_each(_OPEN_ENDS)
def test_ranges_that_end_below_nil_have_no_end_here(vector: Vector) -> None:
    (exchange,) = vector.exchanges
    request = _made(vector).request
    assert len(request) == len(exchange.request) - 1  # without the nil
    assert request.count(b"\xc0") == exchange.request.count(b"\xc0") - 1


@for_each(_by_group(REFUSED))
def test_refused_calls_raise_before_anything_is_sent(vector: Vector) -> None:
    (error, message) = next(
        refused[vector.id] for group, refused in REFUSED.items() if _OFFICIAL[group].get(vector.id) is vector
    )
    with pytest.raises(error, match=message):
        _made(vector)
