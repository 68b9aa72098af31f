"""Recorded calls of the official client, made with triospike: the same bytes, and the same results from them."""

from __future__ import annotations

import struct
from typing import Any

import pytest

from commands.neutral import exact, to_python
from commands.official_calls import NotExpressible, command_for, key_of
from commands.uncovered import DIFFERENT, LATER, REFUSED, SENT_HERE, ids
from triospike import clock
from triospike._commands.exists import ExistsCommand
from triospike._commands.read import ReadCommand
from triospike.errors import AerospikeError
from triospike.policy import ReadPolicy
from triospike.record import Record
from vectors.recorded import Vector, load

COVERED = {"single": 430, "operate": 79, "info": 1, "security": 0}
_OFFICIAL = {
    group: {vector.id: vector for vector in load(group) if vector.origin == "official"} for group in COVERED
}


def _outside(group: str) -> set[str]:
    listed: set[str] = set(REFUSED.get(group, {}))
    for lists in (LATER, DIFFERENT, SENT_HERE):
        listed |= ids(group, lists)
    return listed


def _covered(group: str) -> list[Vector]:
    listed = _outside(group)
    return [vector for vector in _OFFICIAL[group].values() if vector.id not in listed]


def _params(vectors: list[Vector]) -> list[Any]:
    return [pytest.param(vector, id=vector.id) for vector in vectors]


_RECORD_CALLS = _covered("single") + _covered("operate")
_EXISTS = [vector for vector in _RECORD_CALLS if vector.call["method"] == "exists"]
_BUILT_OTHERWISE = [_OFFICIAL[group][name] for group in DIFFERENT for name in sorted(ids(group, DIFFERENT))]


# Requests.


@pytest.mark.parametrize("vector", _params(_RECORD_CALLS + _covered("info")))
def test_request_is_the_recorded_one(vector: Vector) -> None:
    (exchange,) = vector.exchanges
    assert command_for(vector).request.hex() == exchange.request.hex()


@pytest.mark.parametrize("vector", _params(_EXISTS))
def test_header_request_is_the_recorded_one_of_exists(vector: Vector) -> None:
    exists = command_for(vector)
    assert isinstance(exists, ExistsCommand)
    assert isinstance(exists.policy, ReadPolicy)
    assert ReadCommand(exists.key, (), exists.policy).request == vector.exchanges[0].request


@pytest.mark.parametrize("group", COVERED)
def test_number_of_covered_calls_does_not_shrink(group: str) -> None:
    assert len(_covered(group)) == COVERED[group]


# Answers.


@pytest.mark.parametrize("vector", _params(_RECORD_CALLS + _BUILT_OTHERWISE))
def test_answer_gives_the_recorded_result(vector: Vector, monkeypatch: pytest.MonkeyPatch) -> None:
    _set_clock_to_the_recording(vector, monkeypatch)
    command = command_for(vector)
    frame = vector.exchanges[0].response[0]
    if vector.error is None or (vector.error["code"] == 2 and vector.call["method"] in _NONE_IF_MISSING):
        assert _seen(command.parse(frame)) == _expected(vector)
    else:
        with pytest.raises(AerospikeError) as caught:
            command.parse(frame)
        assert caught.value.result_code == vector.error["code"]


@pytest.mark.parametrize("vector", _params([each for each in _EXISTS if each.error is None]))
def test_answer_to_exists_gives_the_header(vector: Vector, monkeypatch: pytest.MonkeyPatch) -> None:
    _set_clock_to_the_recording(vector, monkeypatch)
    found = ReadCommand(key_of(vector.call), (), ReadPolicy()).parse(vector.exchanges[0].response[0])
    meta = vector.result["record"]["meta"]
    assert _seen(found) == (None if meta is None else (meta["gen"], _ttl(meta), exact({})))


def test_keys_have_the_recorded_digests() -> None:
    with_records = [vector for vector in _RECORD_CALLS if isinstance(vector.result, dict)]
    assert len(with_records) > 200
    for vector in with_records:
        assert key_of(vector.call).digest == to_python(vector.result["record"]["key"])[3], vector.id


def test_recorded_refusal_of_an_info_command_raises_its_code() -> None:
    (vector,) = _covered("info")
    with pytest.raises(AerospikeError, match="unrecognized command") as caught:
        command_for(vector).parse(vector.exchanges[0].response[0])
    assert vector.error is not None
    assert caught.value.result_code == vector.error["code"] == 4


_NONE_IF_MISSING = {"get", "select", "remove"}


def _seen(result: Any) -> Any:
    if isinstance(result, Record):
        return result.generation, result.ttl, exact(result.bins)
    return result


def _expected(vector: Vector) -> Any:
    method, result = vector.call["method"], vector.result
    if method == "remove":
        return vector.error is None
    if method == "exists":
        return result["record"]["meta"] is not None
    if method in _NONE_IF_MISSING and vector.error is not None:
        return None
    if isinstance(result, dict):
        record = result["record"]
        return record["meta"]["gen"], _ttl(record["meta"]), exact(_bins(vector, to_python(record["bins"])))
    assert result == 0
    return None


def _ttl(meta: dict[str, int]) -> int | None:
    return None if meta["ttl"] == 0xFFFFFFFF else meta["ttl"]


def _bins(vector: Vector, bins: Any) -> dict[str, Any]:
    """The recorded bins, with a list where a bin has several results.

    Of these, `operate` of the official client keeps the last; the answers of `operate_ordered` to the same
    operations have them all.
    """
    if vector.call["method"] == "operate" and vector.id.endswith("/bins"):
        twin = _OFFICIAL["operate"][vector.id.removesuffix("/bins") + "/ordered"]
        several = _bins(twin, to_python(twin.result["record"]["bins"]))
        bins = {name: several[name] if _repeated(twin, name) else value for name, value in bins.items()}
    if isinstance(bins, dict):
        return bins
    gathered: dict[str, list[Any]] = {}
    for name, value in bins:
        gathered.setdefault(name, []).append(value)
    return {name: values if len(values) > 1 else values[0] for name, values in gathered.items()}


def _repeated(vector: Vector, name: str) -> bool:
    return [each[0] for each in to_python(vector.result["record"]["bins"])].count(name) > 1


_EPOCH_2010 = 1_262_304_000
_DAY_OF_RECORDING = 1_795_305_600  # 2026-11-22T00:00:00Z


def _set_clock_to_the_recording(vector: Vector, monkeypatch: pytest.MonkeyPatch) -> None:
    """The recorded ttl is the answer's void-time less the moment of the recording: that moment is now."""
    (void_time,) = struct.unpack_from(">I", vector.exchanges[0].response[0], 8 + 10)
    meta = vector.result["record"]["meta"] if isinstance(vector.result, dict) else None
    if meta is None or void_time == 0:
        return
    now = void_time + _EPOCH_2010 - meta["ttl"]
    assert _DAY_OF_RECORDING <= now < _DAY_OF_RECORDING + 86_400
    monkeypatch.setattr(clock, "wall_clock", lambda: now + 0.5)


# What is not covered, and why.


@pytest.mark.parametrize("group", COVERED)
def test_lists_name_each_call_once_and_none_that_does_not_exist(group: str) -> None:
    listed = [*REFUSED.get(group, {})]
    for lists in (LATER, DIFFERENT, SENT_HERE):
        listed += [name for names in lists.get(group, {}).values() for name in names]
    assert len(listed) == len(set(listed))
    assert set(listed) <= set(_OFFICIAL[group])


@pytest.mark.parametrize("group", LATER)
def test_calls_kept_for_later_can_not_be_made_yet(group: str) -> None:
    for name in sorted(ids(group, LATER)):
        vector = _OFFICIAL[group][name]
        if vector.call["method"] == "info_all":
            assert vector.exchanges == ()
            continue
        with pytest.raises(NotExpressible):
            _built(vector)


def _built(vector: Vector) -> Any:
    if "key" not in vector.call:  # calls on users, roles and clients
        raise NotExpressible(vector.call["method"])
    return command_for(vector)


@pytest.mark.parametrize("vector", _params(_BUILT_OTHERWISE))
def test_calls_sent_otherwise_really_differ(vector: Vector) -> None:
    (exchange,) = vector.exchanges
    assert command_for(vector).request != exchange.request


@pytest.mark.parametrize("group", REFUSED)
def test_refused_calls_raise_before_anything_is_sent(group: str) -> None:
    for name, (error, message) in REFUSED[group].items():
        with pytest.raises(error, match=message):
            command_for(_OFFICIAL[group][name])


@pytest.mark.parametrize("group", SENT_HERE)
def test_calls_that_only_the_official_client_refuses_make_a_command(group: str) -> None:
    for name in sorted(ids(group, SENT_HERE)):
        vector = _OFFICIAL[group][name]
        assert vector.exchanges == ()
        assert len(command_for(vector).request) >= 73
