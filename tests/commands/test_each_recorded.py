"""Checks of many calls in one test: none is left out, and each that fails is named."""

from __future__ import annotations

import pytest

from commands.each_recorded import check_each, for_each
from vectors.recorded import Vector, load

CALLS = [vector for vector in load("bit") if vector.origin == "official"]


def test_every_call_is_checked_and_those_that_fail_are_named() -> None:
    seen = []

    def check(vector: Vector) -> None:
        seen.append(vector)
        if vector is CALLS[1]:
            raise KeyError("x")
        if vector is CALLS[3]:
            with pytest.raises(ValueError, match="y"):
                pass

    with pytest.raises(BaseExceptionGroup, match=f"2 of {len(CALLS)} recorded calls") as caught:
        check_each(CALLS, check)
    assert seen == CALLS
    first, second = caught.value.exceptions
    assert isinstance(first, KeyError)
    assert first.__notes__ == [f"in the recorded call {CALLS[1].id}"]
    assert isinstance(second, pytest.fail.Exception)
    assert second.__notes__ == [f"in the recorded call {CALLS[3].id}"]


def test_cases_hold_all_calls_by_their_kind() -> None:
    @for_each({"a": CALLS, "b": CALLS[:1]})
    def check(vector: Vector) -> None:
        """Says something."""

    (mark,) = check.pytestmark
    name, cases = mark.args
    assert name == "calls"
    assert sum(len(calls) for calls in cases) == len(CALLS) + 1
    for case, calls in zip(mark.kwargs["ids"], cases, strict=True):
        group, _, kind = case.partition(":")
        assert group in {"a", "b"}
        assert {vector.id.partition("/")[0] for vector in calls} == {kind}
    assert check.__doc__ == "Says something."
