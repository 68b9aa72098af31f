"""From an answer to a record."""

from __future__ import annotations

import pytest

from triospike import clock, operations as op
from triospike._commands.operate import OperateCommand
from triospike._commands.read import ReadCommand
from triospike.errors import FilteredOut, RecordNotFound
from triospike.key import Key
from triospike.policy import OperatePolicy, ReadPolicy
from triospike.record import Record

_KEY = Key("test", "demo", "user1")
_GET = ReadCommand(_KEY, None, ReadPolicy())
_OPERATE = OperateCommand(_KEY, [op.read("a")], OperatePolicy())


def _answer(n_ops: int, ops: str, *, code: int = 0, generation: int = 1, void_time: int = 0) -> bytes:
    body = bytes.fromhex(f"1600000000{code:02x}{generation:08x}{void_time:08x}000000000000{n_ops:04x}" + ops)
    return b"\2\3" + len(body).to_bytes(6, "big") + body


_A_5 = "0000000d 01010001 61 0000000000000005"
_A_6 = "0000000d 01010001 61 0000000000000006"
_A_7 = "0000000d 01010001 61 0000000000000007"
_A_LIST = "00000007 01140001 61 9101"
_A_NULL = "00000005 01000001 61"
_B_X = "00000006 01030001 62 78"


def test_record_has_key_bins_generation_and_ttl() -> None:
    found = _GET.parse(
        bytes.fromhex(
            "0203000000000027160000000000000000010000000000000000000000010000000d01010001610000000000000005"
        )
    )
    assert found == Record(_KEY, {"a": 5}, 1, None)  # protocol 4.5, response a=5


def test_header_alone_gives_a_record_without_bins() -> None:
    assert ReadCommand(_KEY, (), ReadPolicy()).parse(_answer(0, "", generation=3)) == Record(_KEY, {}, 3, None)


def test_ttl_counts_from_now(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "wall_clock", lambda: 1_262_304_000 + 1000.9)
    found = _GET.parse(_answer(1, _A_5, void_time=1060))
    assert found is not None
    assert found.ttl == 60


def test_a_record_that_just_expired_has_a_ttl_of_one_second(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "wall_clock", lambda: 1_262_304_000 + 1000.0)
    found = _OPERATE.parse(_answer(1, _A_5, void_time=990))
    assert found.ttl == 1


def test_the_clock_is_not_read_for_records_that_never_expire(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(clock, "wall_clock")
    assert _GET.parse(_answer(1, _A_5)) is not None


def test_get_keeps_the_last_of_several_values() -> None:
    found = _GET.parse(_answer(2, _A_5 + _A_6))
    assert found is not None
    assert found.bins == {"a": 6}


@pytest.mark.parametrize(
    ("n_ops", "ops", "bins"),
    [
        (1, _A_5, {"a": 5}),
        (2, _A_5 + _A_6, {"a": [5, 6]}),
        (3, _A_5 + _B_X + _A_6, {"a": [5, 6], "b": "x"}),
        (3, _A_5 + _A_6 + _A_7, {"a": [5, 6, 7]}),
        (1, _A_LIST, {"a": [1]}),
        (2, _A_LIST + _A_6, {"a": [[1], 6]}),
        (2, _A_LIST + _A_LIST, {"a": [[1], [1]]}),
        (3, _A_LIST + _A_LIST + _A_5, {"a": [[1], [1], 5]}),
        (2, _A_NULL + _A_5, {"a": [None, 5]}),  # protocol 7.4: the position matters
        (1, _A_NULL, {"a": None}),
        (0, "", {}),
    ],
)
def test_operate_keeps_all_results_in_order(n_ops: int, ops: str, bins: dict[str, object]) -> None:
    assert _OPERATE.parse(_answer(n_ops, ops)).bins == bins


def test_missing_records_are_none_to_get_and_an_error_to_operate() -> None:
    missing = _answer(0, "", code=2)
    assert _GET.parse(missing) is None
    with pytest.raises(RecordNotFound):
        _OPERATE.parse(missing)


def test_errors_may_come_with_generation_and_void_time() -> None:
    with pytest.raises(FilteredOut):
        _GET.parse(_answer(0, "", code=27, generation=5, void_time=77))
