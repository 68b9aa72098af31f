"""Expressions in policies: what is taken, what is refused, and that policies still compare."""

from __future__ import annotations

from typing import Any

import pytest

from triospike import Key, OperatePolicy, ReadPolicy, RemovePolicy, WritePolicy, exp
from triospike._commands.exists import ExistsCommand
from triospike.operations import ExpReadFlags, ExpWriteFlags, context, expression

ADULT = exp.bin_int("age") >= 21


@pytest.mark.parametrize("policy", [ReadPolicy, WritePolicy, RemovePolicy, OperatePolicy])
def test_every_policy_takes_an_expression_or_bytes(policy: Any) -> None:
    assert policy(filter_exp=ADULT).filter_exp is ADULT
    assert policy(filter_exp=ADULT.packed).filter_exp == ADULT.packed
    assert policy(filter_exp=exp.from_base64("kwSTUQKjYWdlFQ=="))
    assert policy().filter_exp is None


@pytest.mark.parametrize(
    ("given", "error", "message"),
    [
        (exp.bin_int("age"), TypeError, "must be an expression that is true or false, .* not IntExp"),
        ("kwSTUQKjYWdlFQ==", TypeError, "ReadPolicy.filter_exp must be .* packed to bytes, not str"),
        (True, TypeError, "not bool"),
        (b"", ValueError, "ReadPolicy.filter_exp must not be empty"),
    ],
)
def test_what_is_no_filter_is_refused(given: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        ReadPolicy(filter_exp=given)


def test_policies_compare_their_filters_by_their_bytes() -> None:
    same = exp.bin_int("age") >= 21
    assert ReadPolicy(filter_exp=ADULT) == ReadPolicy(filter_exp=same) == ReadPolicy(filter_exp=same.packed)
    assert hash(ReadPolicy(filter_exp=ADULT)) == hash(ReadPolicy(filter_exp=same))
    assert ReadPolicy(filter_exp=ADULT) != ReadPolicy(filter_exp=exp.bin_int("age") >= 22)
    assert ReadPolicy(filter_exp=ADULT) != ReadPolicy()


def test_the_request_has_the_filter_as_field_43() -> None:
    request = ExistsCommand(Key("test", "s", 1), ReadPolicy(filter_exp=ADULT)).request
    assert request.endswith(bytes.fromhex("0000000b2b9304935102a361676515"))


# Operations.


def test_operations_have_the_expression_and_the_flags() -> None:
    assert expression.read("r", ADULT).operand.hex() == "929304935102a36167651500"
    assert expression.read("r", ADULT.packed).operand.hex() == "929304935102a36167651500"
    flags = ExpWriteFlags.CREATE_ONLY | ExpWriteFlags.EVAL_NO_FAIL
    assert expression.write("r", exp.val(5), flags=flags).operand.hex() == "920511"


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda given: expression.read("", ADULT), ValueError, "bin_name must be 1 to 15 bytes"),
        (lambda given: expression.read("r", given), TypeError, "expression must be an expression, .* not int"),
        (lambda given: expression.write("r", b""), ValueError, "expression must not be empty"),
        (
            lambda given: expression.read("r", ADULT, flags=given),
            TypeError,
            "flags must be a ExpReadFlags, not int",
        ),
        (lambda given: expression.write("r", ADULT, flags=given), TypeError, "flags must be a ExpWriteFlags"),
        (lambda given: ExpReadFlags(1), ValueError, "invalid value 1"),
    ],
)
def test_bad_arguments_of_operations_raise(make: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        make(16)


def test_steps_of_paths_take_expressions_of_any_type() -> None:
    step = context.all_children_with_filter(exp.loopvar_int(exp.LoopPart.VALUE) > 6)
    assert context.to_bytes([step]).hex() == "92049303937a020106"
    assert str(step) == "all_children_with_filter(exp.loopvar_int(exp.LoopPart.VALUE) > 6)"
