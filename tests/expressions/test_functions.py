"""Functions: arguments that can't be meant raise before anything is sent, and name themselves."""

from __future__ import annotations

from typing import Any

import pytest

from triospike import exp
from triospike.operations import BitOverflow, context

an_int, a_list, a_map = exp.bin_int("i"), exp.bin_list("l"), exp.bin_map("m")
any_exp: Any = exp


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: exp.bin_int(""), ValueError, "name must be 1 to 15 bytes"),
        (lambda: exp.bin_type("x" * 16), ValueError, "name must be 1 to 15 bytes"),
        (lambda: any_exp.bin_list(b"l"), TypeError, "name must be a str, not bytes"),
        (lambda: any_exp.val({1.5: 1}), TypeError, "map key 1.5 in value must be an int, str or bytes"),
        (lambda: any_exp.val(object()), TypeError, "value can't be stored"),
        (lambda: exp.val(1 << 63), ValueError, "value does not fit in 64 bits"),
        (lambda: any_exp.digest_modulo(an_int), TypeError, "modulus must be an int, not IntExp"),
        (lambda: any_exp.regex("a", b"a"), TypeError, "pattern must be a str, not bytes"),
        (lambda: exp.regex("a", "\ud800"), ValueError, "pattern can't be written as UTF-8"),
        (lambda: any_exp.regex("a", "a", 1), TypeError, "flags must be a RegexFlags, not int"),
        (lambda: any_exp.and_(True), TypeError, "second"),
        (lambda: any_exp.cond(default=1), ValueError, "cases must not be empty"),
        (lambda: any_exp.cond((True,), default=1), TypeError, r"cases\[0\] must be a pair of a test and a value"),
        (lambda: any_exp.cond(True, 1, default=1), TypeError, r"cases\[0\] must be a pair .*, not True"),
        (lambda: exp.let({}, an_int), ValueError, "variables must not be empty"),
        (lambda: any_exp.let({"x": 1}, 5), TypeError, "result must be an expression, not int"),
        (lambda: exp.let({"a-b": 1}, an_int), ValueError, "name of a variable must be letters, .* not 'a-b'"),
        (lambda: exp.let({"ä": 1}, an_int), ValueError, "name of a variable must be letters, .* not 'ä'"),
        (lambda: any_exp.var(1), TypeError, "name of a variable must be a str, not int"),
        (lambda: exp.list_size(a_map), TypeError, r"this function without a context needs a ListExp, not MapExp"),
        (lambda: exp.map_clear(a_list), TypeError, r"this function without a context needs a MapExp, not ListExp"),
        (
            lambda: exp.list_size(a_map, context=[context.list_index(0)]),
            TypeError,
            "the context's first step needs a ListExp, not MapExp",
        ),
        (lambda: any_exp.list_size(a_list, context=context.list_index(0)), TypeError, "context must be a list"),
        (
            lambda: any_exp.list_get_by_index(a_list, 0, 7),
            TypeError,
            "returns must be a type of expressions or one of",
        ),
        (
            lambda: any_exp.list_get_by_index(a_list, 0, exp.Many.RANK),
            TypeError,
            "one of exp.One, not exp.Many.RANK",
        ),
        (
            lambda: exp.list_get_by_index(a_list, 0, exp.AnyExp),
            TypeError,
            "must be the type of the value, not AnyExp",
        ),
        (
            lambda: any_exp.list_get_by_value(a_list, 0, exp.One.RANK),
            TypeError,
            "one of exp.Many, not exp.One.RANK",
        ),
        (
            lambda: exp.list_get_by_value(a_list, 0, exp.Many.KEY),
            ValueError,
            "something that lists have, not exp.Many.KEY",
        ),
        (
            lambda: exp.list_get_by_rank(a_list, 0, exp.One.key(exp.IntExp)),
            ValueError,
            r"something that lists have, not exp.One.key\(exp.IntExp\)",
        ),
        (
            lambda: any_exp.list_get_by_value(a_list, 0, exp.Many.RANK, inverted=1),
            TypeError,
            "inverted must be a bool, not int",
        ),
        (lambda: any_exp.list_append(a_list, 1, flags=1), TypeError, "flags must be a ListWriteFlags, not int"),
        (lambda: any_exp.map_put(a_map, "a", 1, order=1), TypeError, "order must be a MapOrder, not int"),
        (lambda: any_exp.bit_add(b"", 0, 8, 1, overflow=2), TypeError, "overflow must be a BitOverflow, not int"),
        (lambda: any_exp.bit_add(b"", 0, 8, 1, signed=1), TypeError, "signed must be a bool, not int"),
        (lambda: any_exp.bit_resize(b"", 1, resize_flags=1), TypeError, "resize_flags must be a BitResizeFlags"),
        (lambda: exp.bit_b64_encode(b"", invert_size=True), ValueError, "invert_size needs a byte_size"),
        (lambda: any_exp.hll_add(exp.bin_hll("h"), ["a"], flags=4), TypeError, "flags must be a HllWriteFlags"),
        (lambda: any_exp.loopvar_int(1), TypeError, "part must be a LoopPart, not int"),
        (lambda: exp.select_by_path(a_list, [], exp.ListExp), ValueError, "context must not be empty"),
        (
            lambda: any_exp.select_by_path(a_list, [context.all_children()], exp.ListExp, returns=1),
            TypeError,
            "PathReturn",
        ),
        (
            lambda: any_exp.modify_by_path([1], [context.all_children()], 1),
            TypeError,
            "items must be a ListExp or MapExp, not list",
        ),
        (lambda: exp.from_base64("kwSTUQKjYWdlFQ"), ValueError, "text must be base64"),
        (lambda: exp.from_base64("kwSTUQKjYWdl"), ValueError, "text must hold one packed expression of 9 bytes"),
        (lambda: any_exp.from_base64(b""), TypeError, "text must be a str, not bytes"),
        (lambda: exp.from_bytes(b""), ValueError, "packed must hold one packed expression of 0 bytes"),
        (lambda: exp.from_bytes(b"\x01\x02"), ValueError, "packed must hold one packed expression of 2 bytes"),
        (lambda: any_exp.from_bytes("x"), TypeError, "packed must be bytes, not str"),
    ],
)
def test_bad_argument_raises_and_names_itself(make: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        make()


def test_functions_leave_it_to_the_server_what_can_be_computed() -> None:
    assert any_exp.eq(an_int, "5").packed.hex() == "9301935102a169a20335"
    assert exp.eq(exp.bin_geo("g"), exp.bin_geo("h")).packed.hex() == "9301935108a167935108a168"


def test_ints_beside_floats_are_made_floats() -> None:
    two = "cb4000000000000000"
    assert exp.pow_(2, exp.bin_float("f")).packed.hex() == f"9318{two}935107a166"
    assert exp.add(exp.bin_float("f"), 2).packed.hex() == f"9314935107a166{two}"
    assert exp.max_(2, 1.5).packed.hex() == f"9333{two}cb3ff8000000000000"
    assert exp.lt(2, exp.bin_float("f")).packed.hex() == f"9305{two}935107a166"
    chosen = exp.cond((exp.bin_bool("t"), exp.bin_float("f")), default=2)
    assert chosen.packed.hex() == f"947b935101a174935107a166{two}"
    with pytest.raises(ValueError, match=r"right of > is too great for a float"):
        _ = exp.bin_float("f") > 10**400


def test_sketches_travel_with_their_own_type_byte() -> None:
    from triospike import HLL

    assert exp.val(HLL(b"\0\4\0")).packed.hex() == "a412000400"


@pytest.mark.parametrize(
    ("made", "kind"),
    [
        (exp.cond((an_int == 1, "one"), default=exp.bin_str("s")), exp.StringExp),
        (exp.cond((an_int == 1, exp.unknown()), default=1), exp.IntExp),
        (exp.min_(1, an_int), exp.IntExp),
        (exp.add(exp.var("x"), exp.var("y")), exp.AnyExp),
        (exp.mul(exp.var("x"), 1.5), exp.FloatExp),
        (exp.let({"x": 1}, exp.var("x", exp.IntExp) > 0), exp.BoolExp),
        (exp.list_clear(a_map, context=[context.map_key("l")]), exp.MapExp),
        (exp.list_append(exp.var("x"), 1), exp.AnyExp),
        (exp.map_get_by_key(a_map, "a", exp.One.EXISTS), exp.BoolExp),
        (exp.map_get_by_index(a_map, 0, exp.One.key(exp.BlobExp)), exp.BlobExp),
        (exp.list_get_by_value(a_list, 1, exp.Many.INDEX), exp.ListExp),
        (exp.from_base64("kwSTUQKjYWdlFQ==", exp.BoolExp), exp.BoolExp),
    ],
)
def test_the_type_of_the_result_is_known(made: exp.Expression, kind: type[exp.Expression]) -> None:
    assert type(made) is kind


def test_a_change_says_the_type_of_the_outermost_container() -> None:
    nested = exp.list_append(a_map, 1, context=[context.map_key("l")])
    assert nested.packed.hex() == "957f054093ccff9222a2036c920101935105a16d"
    unknown = exp.list_append(exp.var("x"), 1, context=[context.list_index(0)])
    assert unknown.packed.hex() == "957f044093ccff921000920101927ca178"


def test_signed_saturating_sum_in_a_blob_has_both_flags() -> None:
    made = exp.bit_add(exp.bin_blob("y"), 0, an_int, 1, signed=True, overflow=BitOverflow.SATURATE)
    assert made.packed.hex() == "957f0641960a00935102a169010003935106a179"
