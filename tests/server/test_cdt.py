"""What no recording shows of operations on lists and maps. Calls are written out by hand (protocol section 10)."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given, settings, strategies as st

from triospike.result_code import ResultCode
from triospike.server.apply.cdt.engine import modify_cdt, read_cdt
from triospike.server.apply.particles import from_wire
from triospike.server.refusal import Refusal
from triospike.server.storage.record import Particle

INTEGER, MAP, LIST = 1, 19, 20
LIST_OF_123 = (LIST, bytes.fromhex("93010203"))
EMPTY_LIST = (LIST, bytes.fromhex("90"))
# {"a": 3, "b": 1, "c": 2}
ITEMS = "a2036103" + "a2036201" + "a2036302"
MAPS = {
    "unordered": (MAP, bytes.fromhex("83" + ITEMS)),
    "key-ordered": (MAP, bytes.fromhex("84c70001c0" + ITEMS)),
    "key-value-ordered": (MAP, bytes.fromhex("84c70003c0" + ITEMS)),
}


def read(call: str, particle: Particle) -> tuple[int, str] | None:
    found = read_cdt(bytes.fromhex(call), particle)
    return None if found is None else (found[0], found[1].hex())


def modified(call: str, particle: Particle | None) -> tuple[int, str] | None:
    changed, _ = modify_cdt(bytes.fromhex(call), particle)
    return None if changed is None else (changed[0], changed[1].hex())


def refusal_of(call: str, particle: Particle | None) -> int:
    with pytest.raises(Refusal) as raised:
        modify_cdt(bytes.fromhex(call), particle)
    return raised.value.code


def test_map_that_is_kept_with_an_index_tells_values_in_their_own_order() -> None:
    interval_from_1 = "93690701"
    for stored in MAPS.values():
        assert read(interval_from_1, stored) == (LIST, "93030102")
    indexed = from_wire(MAP, bytes.fromhex("84c70013c0" + ITEMS))
    assert indexed == MAPS["key-value-ordered"], "the index is never sent"
    assert read(interval_from_1, indexed) == (LIST, "93010203")
    assert read("93690601", indexed) == (LIST, "93" + "a20362" + "a20363" + "a20361")


def test_index_asked_for_by_an_operation_is_kept_by_the_next() -> None:
    ordered, _ = modify_cdt(bytes.fromhex("924013"), MAPS["unordered"])
    assert ordered == MAPS["key-value-ordered"]
    assert ordered is not None
    longer, _ = modify_cdt(bytes.fromhex("9343a2036400"), ordered)
    assert longer is not None
    assert read("93690700", longer) == (LIST, "9400010203")


@pytest.mark.parametrize("stored", MAPS.values(), ids=MAPS)
@pytest.mark.parametrize("operation", ["6b", "6c"], ids=["by keys", "by values"])
def test_everything_but_nothing_is_everything(operation: str, stored: Particle) -> None:
    # A real server of version 8.1.2 does not survive this question.
    assert read(f"93{operation}ce0001000790", stored) == (LIST, "93030102")
    assert read(f"93{operation}ce0001000590", stored) == (INTEGER, "0000000000000003")


def test_removing_everything_but_nothing_leaves_an_empty_map() -> None:
    assert modified("9351ce0001000090", MAPS["key-ordered"]) == (MAP, "81c70001c0")


def test_path_may_be_longer_than_any_stack() -> None:
    depth = 1500
    nested = (LIST, b"\x91" * depth + b"\x90")
    path = b"\xdc" + (2 * depth).to_bytes(2, "big") + b"\x10\x00" * depth
    changed, result = modify_cdt(b"\x93\xcc\xff" + path + b"\x92\x01\x05", nested)
    assert changed == (LIST, b"\x91" * depth + b"\x91\x05")
    assert result == (INTEGER, (1).to_bytes(8, "big"))


def test_element_that_grows_moves_where_it_belongs_in_an_ordered_list() -> None:
    one_two_three = (LIST, bytes.fromhex("94c70001" + "9101" + "9102" + "9103"))
    insert_9_at_0_of_the_first = "93ccff" + "921000" + "93030009"
    assert modified(insert_9_at_0_of_the_first, one_two_three) == (LIST, "94c70001" + "9102" + "9103" + "920901")


def test_nils_fill_a_gap_but_not_without_end() -> None:
    assert modified("930902a20378", EMPTY_LIST) == (LIST, "93c0c0a20378")
    assert refusal_of("9303ce0100000005", EMPTY_LIST) == ResultCode.RECORD_TOO_BIG
    assert refusal_of("9303ce7fffffff05", EMPTY_LIST) == ResultCode.PARAMETER
    to_minus_7 = "92cc90f9"
    assert refusal_of("93ccff" + to_minus_7 + "920105", EMPTY_LIST) == ResultCode.OP_NOT_APPLICABLE


def test_operation_that_does_nothing_makes_no_nested_container() -> None:
    new_key_d = "92cca2a20364"
    insert_1_at_5 = "94030501"
    within_bounds, without_fail = 2, 4
    call = "93ccff" + new_key_d + insert_1_at_5 + f"{within_bounds | without_fail:02x}"
    assert modified(call, MAPS["unordered"]) == (MAP, MAPS["unordered"][1].hex())
    padded = "93ccff" + new_key_d + insert_1_at_5 + "00"
    assert modified(padded, MAPS["unordered"]) == (MAP, "84" + ITEMS + "a20364" + "96c0c0c0c0c001")


@pytest.mark.parametrize(
    ("call", "code"),
    [
        ("9201d4ff00", ResultCode.PARAMETER),
        ("92019201d4ff01", ResultCode.PARAMETER),
        ("920193c700010201", ResultCode.PARAMETER),
        ("92018202010203", ResultCode.PARAMETER),
        ("920181c001", ResultCode.PARAMETER),
    ],
    ids=["wildcard", "infinity inside", "ordered list out of order", "cut off", "map key of no such type"],
)
def test_what_can_not_be_stored_can_not_be_appended(call: str, code: int) -> None:
    assert refusal_of(call, LIST_OF_123) == code


def test_expressions_on_a_path_are_refused_where_nothing_builds_them() -> None:
    assert refusal_of("93ccfe9204911200", LIST_OF_123) == ResultCode.UNSUPPORTED_FEATURE


containers = st.sampled_from([LIST_OF_123, EMPTY_LIST, (INTEGER, bytes(8)), *MAPS.values()])
numbers = st.sampled_from([*(f"{code:02x}" for code in range(111)), "ccff", "ccfe"])
pieces = ["00", "01", "05", "ff", "90", "9101", "a20361", "c0", "c3", "d4ff00", "92cc9001", "9201", "c700"]
arguments = st.lists(st.sampled_from(pieces), max_size=6)


@settings(deadline=None, max_examples=500)
@given(st.integers(0x91, 0x95), numbers, arguments, containers)
def test_whatever_is_called_is_answered_or_refused(
    size: int, number: str, parts: list[str], stored: Particle
) -> None:
    call = bytes((size,)) + bytes.fromhex(number + "".join(parts))
    for apply in (read_cdt, modify_cdt):
        with suppress(Refusal):
            apply(call, stored)


@settings(deadline=None)
@given(st.binary(max_size=12), containers)
def test_whatever_bytes_are_called_are_answered_or_refused(call: bytes, stored: Particle) -> None:
    for apply in (read_cdt, modify_cdt):
        with suppress(Refusal):
            apply(call, stored)
