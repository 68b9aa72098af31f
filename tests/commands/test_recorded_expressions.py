"""Recorded calls with expressions, made with `triospike.exp`: the same bytes, the same results."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from commands.each_recorded import for_each
from commands.neutral import exact
from commands.official_calls import command_for
from commands.official_expressions import CLASSES, expression_of
from commands.recorded_results import check_all_answers, expected, official, outcome
from commands.uncovered_expressions import DIFFERENT, REFUSED
from triospike import exp, operations, values
from vectors.recorded import Vector

_OFFICIAL = official("expressions")
_ELSEWHERE = [vector for group in ("single", "operate") for vector in official(group).values()]
_DIFFERENT = [_OFFICIAL[name] for names in DIFFERENT.values() for name in names]
_LISTED = {*REFUSED, *(vector.id for vector in _DIFFERENT)}
_PAIRS = "read/map/get_by_key_range-kv"
_COVERED = [vector for vector in _OFFICIAL.values() if vector.id not in _LISTED]


def _expressions(vector: Vector) -> Iterator[Any]:
    """The expressions of a call, in neutral JSON."""
    policy = vector.call.get("policy", {})
    if "expressions" in policy:
        yield policy["expressions"]
    for op in vector.call.get("list", ()):
        if isinstance(op, dict) and op.get("op") in {"expression_read", "expression_write"}:
            yield op["expression"]


# Requests and answers.


@for_each(_COVERED)
def test_request_is_the_recorded_one(vector: Vector) -> None:
    (exchange,) = vector.exchanges
    assert command_for(vector).request.hex() == exchange.request.hex()


def test_base64_is_what_the_official_client_writes() -> None:
    written = [vector for vector in _COVERED if vector.expression_b64]
    assert len(written) == 818
    for vector in written:
        (neutral,) = _expressions(vector)
        made: exp.Expression = expression_of(neutral)
        assert made.to_base64() == vector.expression_b64, vector.id


@for_each(each for each in _COVERED + _DIFFERENT if each.id != _PAIRS)
def test_answer_gives_the_recorded_result(vector: Vector) -> None:
    assert outcome(vector) == expected(vector)


def test_items_in_the_order_of_the_selection_are_pairs_not_one_flat_list() -> None:
    vector = _OFFICIAL[_PAIRS]
    assert vector.result["record"]["bins"] == [{"$tuple": ["res", ["b", 3, "c", 2]]}]
    assert outcome(vector) == (2, True, exact({"res": [("b", 3), ("c", 2)]}))


def test_every_answer_is_read_as_the_plain_reader_reads_it() -> None:
    assert check_all_answers("expressions") == 2054


# Text.

_NAMES = {"exp": exp, **vars(values), **vars(operations), **vars(operations.context)}


def test_every_expression_is_written_as_python_that_makes_it_again() -> None:
    seen = 0
    for vector in [*_COVERED, *_DIFFERENT, *_ELSEWHERE]:
        for neutral in _expressions(vector):
            made: exp.Expression = expression_of(neutral)
            again = eval(repr(made), dict(_NAMES))
            assert again.packed == made.packed, repr(made)
            assert type(again) is type(made)
            assert repr(again) == repr(made)
            seen += 1
    assert seen == 1932


# What is covered.


def test_all_official_calls_are_covered_or_listed() -> None:
    assert len(_OFFICIAL) == 2013
    assert len(_COVERED) == 1950
    assert len(_LISTED) == sum(map(len, DIFFERENT.values())) + len(REFUSED) == 63
    assert set(_OFFICIAL) >= _LISTED


def test_every_recorded_class_is_made() -> None:
    recorded = {name for vector in _OFFICIAL.values() for name in _classes(vector.call)}
    assert recorded <= set(CLASSES)
    assert set(CLASSES) - recorded == {"LoopVarHLL"}


def _classes(neutral: Any) -> Iterator[str]:
    if isinstance(neutral, dict):
        if "$exp" in neutral:
            yield neutral["$exp"][0]
        neutral = list(neutral.values())
    if isinstance(neutral, list):
        for each in neutral:
            yield from _classes(each)


@for_each(_DIFFERENT)
def test_calls_sent_otherwise_really_differ(vector: Vector) -> None:
    (exchange,) = vector.exchanges
    assert command_for(vector).request != exchange.request


@pytest.mark.parametrize("name", REFUSED)
def test_refused_calls_raise_before_anything_is_sent(name: str) -> None:
    error, message = REFUSED[name]
    with pytest.raises(error, match=message):
        command_for(_OFFICIAL[name])
