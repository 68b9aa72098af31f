"""One test for each kind of recorded call, not for each call: there are thousands, and a test of pytest's for each
takes longer than the call. What is wrong is still told call by call.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import pytest

from vectors.recorded import Vector

__all__ = ["check_each", "for_each"]

Check = Callable[[Vector], None]


def for_each(vectors: Iterable[Vector] | Mapping[str, Iterable[Vector]]) -> Callable[[Check], Any]:
    """Makes a check of one recorded call a test of all of them, in one case for each kind.

    Args:
        vectors: The calls, or several groups of them; what stands before the first slash of an id is the kind.
    """
    kinds: dict[str, list[Vector]] = {}
    for group, calls in vectors.items() if isinstance(vectors, Mapping) else [("", vectors)]:
        for vector in calls:
            kinds.setdefault(f"{group}:{vector.id.partition('/')[0]}".lstrip(":"), []).append(vector)

    def decorate(check: Check) -> Any:
        @pytest.mark.parametrize("calls", kinds.values(), ids=kinds.keys())
        def test(calls: list[Vector]) -> None:
            check_each(calls, check)

        test.__doc__ = check.__doc__
        return test

    return decorate


def check_each(calls: list[Vector], check: Check) -> None:
    """Check all calls, also behind one that fails.

    Raises:
        BaseExceptionGroup: What was wrong, with a note that names the call.
    """
    wrong: list[BaseException] = []
    for vector in calls:
        try:
            check(vector)
        except (Exception, pytest.fail.Exception) as error:
            error.add_note(f"in the recorded call {vector.id}")
            wrong.append(error)
    if wrong:
        raise BaseExceptionGroup(f"{len(wrong)} of {len(calls)} recorded calls of this kind", wrong)
