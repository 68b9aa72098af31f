"""Operators: which bytes they make, what goes with what, and that nobody takes an expression for a bool."""

from __future__ import annotations

from typing import Any

import pytest

from triospike import HLL, GeoJSON, KeyOrderedMap, exp

an_int, a_float, a_text, a_bool = exp.bin_int("i"), exp.bin_float("f"), exp.bin_str("s"), exp.bin_bool("t")
a_list, a_map, a_blob = exp.bin_list("l"), exp.bin_map("m"), exp.bin_blob("y")

# In hexadecimal, by hand from protocol section 12: an int bin is 93 51 02 a1 69, a float bin 93 51 07 a1 66.
_INT, _FLOAT, _TEXT, _BOOL = "935102a169", "935107a166", "935103a173", "935101a174"
_TWO_AND_A_HALF = "cb4004000000000000"

CASES = [
    (an_int == 5, f"9301{_INT}05"),
    (an_int != 5, f"9302{_INT}05"),
    (an_int > 5, f"9303{_INT}05"),
    (an_int >= 5, f"9304{_INT}05"),
    (an_int < 5, f"9305{_INT}05"),
    (an_int <= 5, f"9306{_INT}05"),
    (5 <= an_int, f"9304{_INT}05"),  # noqa: SIM300 - Python turns it round
    (an_int + 1, f"9314{_INT}01"),
    (1 + an_int, f"931401{_INT}"),
    (an_int - 1, f"9315{_INT}01"),
    (1 - an_int, f"931501{_INT}"),
    (an_int * 2, f"9316{_INT}02"),
    (2 * an_int, f"931602{_INT}"),
    (-an_int, f"9215{_INT}"),
    (abs(an_int), f"921b{_INT}"),
    (an_int & 3, f"9320{_INT}03"),
    (3 & an_int, f"932003{_INT}"),
    (an_int | 3, f"9321{_INT}03"),
    (3 | an_int, f"932103{_INT}"),
    (an_int ^ 3, f"9322{_INT}03"),
    (3 ^ an_int, f"932203{_INT}"),
    (~an_int, f"9223{_INT}"),
    (an_int << 3, f"9324{_INT}03"),
    (3 << an_int, f"932403{_INT}"),
    (an_int >> 3, f"9326{_INT}03"),
    (3 >> an_int, f"932603{_INT}"),
    (a_float + 2.5, f"9314{_FLOAT}{_TWO_AND_A_HALF}"),
    (2.5 + a_float, f"9314{_TWO_AND_A_HALF}{_FLOAT}"),
    (a_float - 2.5, f"9315{_FLOAT}{_TWO_AND_A_HALF}"),
    (2.5 - a_float, f"9315{_TWO_AND_A_HALF}{_FLOAT}"),
    (a_float * 2.5, f"9316{_FLOAT}{_TWO_AND_A_HALF}"),
    (2.5 * a_float, f"9316{_TWO_AND_A_HALF}{_FLOAT}"),
    (a_float / 2.5, f"9317{_FLOAT}{_TWO_AND_A_HALF}"),
    (2.5 / a_float, f"9317{_TWO_AND_A_HALF}{_FLOAT}"),
    (a_float**2.5, f"9318{_FLOAT}{_TWO_AND_A_HALF}"),
    (2.5**a_float, f"9318{_TWO_AND_A_HALF}{_FLOAT}"),
    (-a_float, f"9215{_FLOAT}"),
    (abs(a_float), f"921b{_FLOAT}"),
    (a_float > 1, f"9303{_FLOAT}cb3ff0000000000000"),  # an int beside a float is sent as a float
    (a_text == "x", f"9301{_TEXT}a20378"),
    (a_bool & True, f"9310{_BOOL}c3"),
    (True & a_bool, f"9310c3{_BOOL}"),
    (a_bool | a_bool, f"9311{_BOOL}{_BOOL}"),
    (False | a_bool, f"9311c2{_BOOL}"),
    (a_bool ^ a_bool, f"9313{_BOOL}{_BOOL}"),
    (True ^ a_bool, f"9313c3{_BOOL}"),
    (~a_bool, f"9212{_BOOL}"),
    (a_bool == False, f"9301{_BOOL}c2"),  # noqa: E712
    (a_list == [1], "9301935104a16c927e9101"),
    (a_map == {"a": 1}, "9301935105a16d81a2036101"),
    (a_map == KeyOrderedMap({"a": 1}), "9301935105a16d82c70001c0a2036101"),
    (a_blob < b"x", "9305935106a179a20478"),
    (exp.loopvar_nil(exp.LoopPart.VALUE) == None, "9301937a0001c0"),  # noqa: E711
    (exp.var("v") >= 1, "9304927ca17601"),
    (an_int == exp.var("v"), f"9301{_INT}927ca176"),
]


@pytest.mark.parametrize(
    ("made", "packed"), CASES, ids=lambda case: repr(case) if not isinstance(case, str) else ""
)
def test_operator_packs_its_operands_in_order(made: exp.Expression, packed: str) -> None:
    assert made.packed.hex() == packed


@pytest.mark.parametrize(
    ("made", "text"),
    [
        (exp.bin_int("age") >= 21, "kwSTUQKjYWdlFQ=="),
        (exp.bin_str("n") == "bob", "kwGTUQOhbqQDYm9i"),
        (exp.list_size(exp.bin_list("l")), "lX8CAJEQk1EEoWw="),
    ],
)
def test_examples_of_the_protocol_have_their_base64(made: exp.Expression, text: str) -> None:
    assert made.to_base64() == text


# In the variables' types, so that type checkers let nonsense pass.
_int: Any = an_int
_float: Any = a_float
_text: Any = a_text
_bool: Any = a_bool
_list: Any = a_list
_geo: Any = exp.bin_geo("g")
_hll: Any = exp.bin_hll("h")


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: _int == "x", "== of IntExp needs IntExp or int, not str: 'x'"),
        (lambda: _int == 1.0, "== of IntExp needs IntExp or int, not float: 1.0"),
        (lambda: _int == True, "== of IntExp needs IntExp or int, not bool: True"),  # noqa: E712
        (lambda: _int != None, "!= of IntExp needs IntExp or int, not NoneType: None"),  # noqa: E711
        (lambda: _int < _float, "< of IntExp needs IntExp or int, not FloatExp"),
        (lambda: _int + _text, r"\+ of IntExp needs IntExp or int, not StringExp: exp.bin_str\('s'\)"),
        (lambda: "x" + _int, r"\+ of IntExp needs IntExp or int, not str: 'x'"),
        (lambda: _float > True, "> of FloatExp needs FloatExp or float or int, not bool"),
        (lambda: _bool & 1, "& of BoolExp needs BoolExp or bool, not int: 1"),
        (lambda: _list == "ab", "== of ListExp needs ListExp or list or tuple, not str"),
        (lambda: _geo == GeoJSON("{}"), "GeoExp has no ==: servers refuse it"),
        (lambda: _hll != HLL(b""), "HllExp has no !=: servers refuse it"),
    ],
)
def test_what_does_not_go_together_raises_before_anything_is_sent(make: Any, message: str) -> None:
    with pytest.raises(TypeError, match=message):
        make()


@pytest.mark.parametrize(
    "make",
    [
        lambda: _int / 2,
        lambda: _int // 2,
        lambda: _int % 2,
        lambda: _text + "x",
        lambda: _geo < _geo,
        lambda: ~_float,
        lambda: -_bool,
        lambda: _bool < True,
        lambda: 1 in _list,
    ],
)
def test_operators_that_would_mislead_do_not_exist(make: Any) -> None:
    with pytest.raises(TypeError):
        make()


@pytest.mark.parametrize(
    "ask",
    [
        lambda: bool(a_bool),
        lambda: not a_bool,
        lambda: _bool and _bool,
        lambda: _bool or _bool,
        lambda: 1 < an_int < 5,
        lambda: an_int in [exp.bin_int("j"), exp.bin_int("k")],
        lambda: [1] if an_int == 1 else [],
    ],
)
def test_an_expression_has_no_truth_here_and_says_what_to_write_instead(ask: Any) -> None:
    with pytest.raises(TypeError, match=r"is known to the server only: write & \| ~ or exp.and_"):
        ask()


def test_expressions_are_kept_in_sets_by_identity() -> None:
    one, other = exp.bin_int("i"), exp.bin_int("i")
    assert len({one, other}) == 2
    assert one in {one, other}
    assert {_geo: 1}[_geo] == 1


def test_values_that_cannot_be_packed_raise_where_they_stand() -> None:
    with pytest.raises(ValueError, match=r"right of == does not fit in 64 bits: 9223372036854775808"):
        _ = an_int == 1 << 63
    with pytest.raises(TypeError, match=r"right of ==\[1\]\['a'\] can't be stored: object has no Aerospike type"):
        _ = a_list == [0, {"a": object()}]
    with pytest.raises(TypeError, match=r"right of ==\[0\] can't be stored"):
        _ = a_list == [an_int]
