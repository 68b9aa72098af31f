"""The text of expressions: as one would write them, with no more parentheses than Python needs."""

from __future__ import annotations

import pytest

from triospike import KeyOrderedMap, exp
from triospike.operations import ListOrder, ListWriteFlags, context, expression
from triospike.policy import ReadPolicy

an_int, a_float, a_bool = exp.bin_int("i"), exp.bin_float("f"), exp.bin_bool("t")


@pytest.mark.parametrize(
    ("made", "text"),
    [
        ((exp.bin_int("age") >= 21) & exp.key_exists(), "(exp.bin_int('age') >= 21) & exp.key_exists()"),
        (a_bool & a_bool | ~(a_bool ^ a_bool), "{a_bool} & {a_bool} | ~({a_bool} ^ {a_bool})"),
        (a_bool & (a_bool | a_bool), "{a_bool} & ({a_bool} | {a_bool})"),
        (exp.and_(a_bool, a_bool, a_bool), "exp.and_({a_bool}, {a_bool}, {a_bool})"),
        (an_int - 1 - 2, "{an_int} - 1 - 2"),
        (an_int - (an_int - 2), "{an_int} - ({an_int} - 2)"),
        (2 * (an_int + 1), "2 * ({an_int} + 1)"),
        (-(an_int + 1), "-({an_int} + 1)"),
        (-an_int + 1, "-{an_int} + 1"),
        (~an_int << 2, "~{an_int} << 2"),
        (abs(an_int - 5) < 2, "abs({an_int} - 5) < 2"),
        ((an_int == 1) == (an_int == 2), "({an_int} == 1) == ({an_int} == 2)"),
        (-(a_float**2.0), "-{a_float} ** 2.0"),
        ((-a_float) ** 2.0, "(-{a_float}) ** 2.0"),
        ((-2.0) ** a_float, "(-2.0) ** {a_float}"),
        (a_float ** (a_float**2.0), "{a_float} ** {a_float} ** 2.0"),
        ((a_float**a_float) ** 2.0, "({a_float} ** {a_float}) ** 2.0"),
        (a_float > 1, "{a_float} > 1.0"),
        (a_float == float("inf"), "{a_float} == float('inf')"),
        (exp.ge(21, an_int), "exp.ge(21, {an_int})"),
        (exp.val("x"), "exp.val('x')"),
        (exp.val({"a": [1, float("nan")]}), "exp.val({{'a': [1, float('nan')]}})"),
        (exp.val(KeyOrderedMap({"a": 1})), "exp.val(KeyOrderedMap({{'a': 1}}))"),
        (exp.unknown(exp.BoolExp), "exp.unknown(exp.BoolExp)"),
        (exp.bin_type("a") == exp.BinType.LIST, "exp.bin_type('a') == exp.BinType.LIST"),
        (
            exp.regex(exp.bin_str("s"), "a.*", exp.RegexFlags.EXTENDED | exp.RegexFlags.ICASE),
            "exp.regex(exp.bin_str('s'), 'a.*', exp.RegexFlags.EXTENDED | exp.RegexFlags.ICASE)",
        ),
        (exp.regex("a", "a", exp.RegexFlags(0)), "exp.regex('a', 'a', exp.RegexFlags(0))"),
        (exp.cond((an_int > 9, "many"), default="few"), "exp.cond(({an_int} > 9, 'many'), default='few')"),
        (
            exp.let({"x": an_int}, exp.var("x", exp.IntExp) * 2),
            "exp.let({{'x': {an_int}}}, exp.var('x', exp.IntExp) * 2)",
        ),
        (
            exp.map_get_by_key(exp.bin_map("m"), "k", exp.IntExp, context=[context.map_key("p")]),
            "exp.map_get_by_key(exp.bin_map('m'), 'k', exp.IntExp, context=[map_key('p')])",
        ),
        (
            exp.list_append(exp.bin_list("l"), 1, order=ListOrder.ORDERED, flags=ListWriteFlags.ADD_UNIQUE),
            "exp.list_append(exp.bin_list('l'), 1, order=ListOrder.ORDERED, flags=ListWriteFlags.ADD_UNIQUE)",
        ),
        (
            exp.list_get_by_value(exp.bin_list("l"), exp.infinity(), exp.Many.COUNT, inverted=True),
            "exp.list_get_by_value(exp.bin_list('l'), exp.infinity(), exp.Many.COUNT, inverted=True)",
        ),
        (exp.from_base64("kwSTUQKjYWdlFQ=="), "exp.from_base64('kwSTUQKjYWdlFQ==')"),
        (exp.BoolExp(b"\xc3"), r"exp.from_bytes(b'\xc3', exp.BoolExp)"),
    ],
)
def test_text_is_what_one_would_write(made: exp.Expression, text: str) -> None:
    bins = {"an_int": "exp.bin_int('i')", "a_float": "exp.bin_float('f')", "a_bool": "exp.bin_bool('t')"}
    assert repr(made) == str(made) == text.format(**bins)


def test_what_is_nested_too_deep_to_be_written_is_shown_packed() -> None:
    deep = an_int
    for _ in range(3000):
        deep = deep + 1
    assert repr(deep) == f"exp.from_base64({deep.to_base64()!r})"


def test_policies_and_operations_show_it() -> None:
    assert "filter_exp=exp.bin_int('i') > 3" in repr(ReadPolicy(filter_exp=an_int > 3))
    assert str(expression.read("r", an_int > 3)) == "expression.read('r', exp.bin_int('i') > 3)"
