"""What type checkers make of expressions: the types they know, and the nonsense they refuse.

Nothing here runs. A refusal that is missing makes its ``type: ignore`` unused, which is an error too.
"""

from __future__ import annotations

from typing import assert_type

from triospike import GeoJSON, ReadPolicy, WritePolicy, exp
from triospike.operations import context, expression

an_int, a_float, a_text = exp.bin_int("i"), exp.bin_float("f"), exp.bin_str("s")
a_bool, a_list, a_map = exp.bin_bool("t"), exp.bin_list("l"), exp.bin_map("m")
a_geo, a_sketch, unknown = exp.bin_geo("g"), exp.bin_hll("h"), exp.var("x")


def known() -> None:
    assert_type(an_int >= 21, exp.BoolExp)
    assert_type(21 <= an_int, exp.BoolExp)  # noqa: SIM300
    assert_type(an_int == 5, exp.BoolExp)
    assert_type(an_int + 1, exp.IntExp)
    assert_type(1 - an_int, exp.IntExp)
    assert_type(a_float * 2, exp.FloatExp)
    assert_type(2 / a_float, exp.FloatExp)
    assert_type(abs(a_float), exp.FloatExp)
    assert_type((an_int > 1) & ~a_bool, exp.BoolExp)
    assert_type(an_int & 3, exp.IntExp)
    assert_type(exp.val(True), exp.BoolExp)
    assert_type(exp.val(1), exp.IntExp)
    assert_type(exp.val(1.5), exp.FloatExp)
    assert_type(exp.val([1]), exp.ListExp)
    assert_type(exp.val({"a": 1}), exp.MapExp)
    assert_type(exp.add(1, an_int), exp.IntExp)
    assert_type(exp.add(1, a_float), exp.FloatExp)
    assert_type(exp.eq(21, an_int), exp.BoolExp)
    assert_type(exp.cond((a_bool, 1), (an_int > 5, an_int), default=2), exp.IntExp)
    assert_type(exp.cond((a_bool, "x"), default=a_text), exp.StringExp)
    assert_type(exp.cond((a_bool, a_list), default=exp.unknown()), exp.ListExp)
    assert_type(exp.let({"x": an_int}, exp.var("x", exp.IntExp) + 1), exp.IntExp)
    assert_type(unknown, exp.AnyExp)
    assert_type(unknown == 1, exp.BoolExp)
    assert_type(exp.from_base64("wA=="), exp.AnyExp)
    assert_type(exp.from_base64("ww==", exp.BoolExp), exp.BoolExp)


def known_of_containers() -> None:
    path = [context.map_key("l")]
    assert_type(exp.list_size(a_list), exp.IntExp)
    assert_type(exp.list_append(a_list, 1), exp.ListExp)
    assert_type(exp.list_append(a_map, 1, context=path), exp.MapExp)
    assert_type(exp.list_get_by_index(a_list, 0, exp.StringExp), exp.StringExp)
    assert_type(exp.list_get_by_index(a_list, 0, exp.One.RANK), exp.IntExp)
    assert_type(exp.map_get_by_key(a_map, "k", exp.One.EXISTS), exp.BoolExp)
    assert_type(exp.map_get_by_index(a_map, 0, exp.One.key(exp.StringExp)), exp.StringExp)
    assert_type(exp.list_get_by_value(a_list, 1, exp.Many.COUNT), exp.IntExp)
    assert_type(exp.list_get_by_value(a_list, 1, exp.Many.RANK), exp.ListExp)
    assert_type(exp.map_get_by_value(a_map, 1, exp.Many.EXISTS), exp.BoolExp)
    assert_type(exp.map_get_by_key_range(a_map, "a", None, exp.Many.ORDERED_MAP), exp.MapExp)
    assert_type(exp.select_by_path(a_map, path, exp.ListExp), exp.ListExp)
    assert_type(exp.modify_by_path(a_map, path, exp.remove_result()), exp.MapExp)
    assert_type(exp.hll_get_similarity(a_sketch, [a_sketch]), exp.FloatExp)


def filters_and_operations() -> None:
    ReadPolicy(filter_exp=an_int > 1)
    ReadPolicy(filter_exp=exp.from_base64("ww=="))
    WritePolicy(filter_exp=b"\xc3")
    WritePolicy(filter_exp=an_int)  # type: ignore[arg-type]
    WritePolicy(filter_exp=True)  # type: ignore[arg-type]
    expression.read("r", an_int)
    expression.write("r", b"\xc3")
    expression.read("r", 5)  # type: ignore[arg-type]


def refused_operators() -> None:
    assert_type(an_int == "x", exp.Incomparable)
    assert_type(an_int == 1.5, exp.Incomparable)
    assert_type(an_int != None, exp.Incomparable)  # noqa: E711
    assert_type(a_text == 1, exp.Incomparable)
    assert_type(a_bool == 1, exp.Incomparable)
    assert_type(a_geo == GeoJSON("{}"), exp.Incomparable)
    exp.and_(an_int == "x", a_bool)  # type: ignore[arg-type]
    ReadPolicy(filter_exp=an_int == "x")  # type: ignore[arg-type]
    expression.read("r", an_int == "x")  # type: ignore[arg-type]
    _ = (an_int == "x") & a_bool  # type: ignore[operator]
    _ = an_int < a_float  # type: ignore[operator]
    _ = a_bool < True  # type: ignore[operator]
    _ = an_int + a_text  # type: ignore[operator]
    _ = "x" + an_int  # type: ignore[operator]
    _ = an_int / 2  # type: ignore[operator]
    _ = an_int // 2  # type: ignore[operator]
    _ = an_int % 2  # type: ignore[operator]
    _ = a_text + "x"  # type: ignore[operator]
    _ = a_bool & an_int  # type: ignore[operator]
    _ = a_bool & 1  # type: ignore[operator]
    _ = -a_text  # type: ignore[operator]
    _ = ~a_float  # type: ignore[operator]
    _ = unknown + 1  # type: ignore[operator]
    _ = 1 in a_list  # type: ignore[operator]


def refused_arguments() -> None:
    exp.bin_int(b"i")  # type: ignore[arg-type]
    exp.add(an_int, a_text)  # type: ignore[call-overload]
    exp.eq(an_int, "x")  # type: ignore[call-overload]
    exp.lt(1, a_text)  # type: ignore[call-overload]
    exp.and_(a_bool, an_int)  # type: ignore[arg-type]
    exp.and_(a_bool)  # type: ignore[call-arg]
    exp.not_(an_int)  # type: ignore[arg-type]
    exp.cond((an_int, 1), default=2)  # type: ignore[arg-type]
    exp.cond((a_bool, 1), default="x")  # type: ignore[arg-type]
    exp.let({"x": 1}, 5)  # type: ignore[type-var]
    exp.pow_(an_int, 2.0)  # type: ignore[arg-type]
    exp.to_int(an_int)  # type: ignore[arg-type]
    exp.regex(an_int, "x")  # type: ignore[arg-type]
    exp.regex(a_text, "x", 2)  # type: ignore[arg-type]
    exp.geo_compare(a_geo, a_text)  # type: ignore[arg-type]
    exp.in_list(1, a_map)  # type: ignore[arg-type]
    exp.digest_modulo(an_int)  # type: ignore[arg-type]


def refused_arguments_of_containers() -> None:
    exp.list_size(an_int)  # type: ignore[arg-type]
    exp.list_append(an_int, 1)  # type: ignore[type-var]
    exp.list_get_by_index(a_list, "x", exp.IntExp)  # type: ignore[arg-type]
    exp.list_get_by_index(a_list, 0, int)  # type: ignore[type-var]
    exp.list_get_by_index(a_list, 0, exp.Many.RANK)  # type: ignore[arg-type]
    exp.list_get_by_value(a_list, 0, exp.One.RANK)  # type: ignore[arg-type]
    exp.list_get_by_value(a_list, 0, exp.IntExp)  # type: ignore[arg-type]
    exp.map_get_by_key(a_map, a_float, exp.IntExp)  # type: ignore[arg-type]
    exp.map_keys(a_list)  # type: ignore[arg-type]
    exp.bit_count(a_text, 0, 8)  # type: ignore[arg-type]
    exp.hll_get_count(exp.bin_blob("y"))  # type: ignore[arg-type]
    exp.loopvar_int(1)  # type: ignore[arg-type]
