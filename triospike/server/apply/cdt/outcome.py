"""Where an operation modifies a list or map, and what it leaves behind."""

from __future__ import annotations

import attrs

from ....result_code import ResultCode
from ...refusal import Refusal
from ...storage.record import Particle
from .values import Container

__all__ = ["Outcome", "Place", "unless_no_fail"]


@attrs.frozen
class Place:
    """Where the container is that an operation works on.

    Attributes:
        is_top: It is the bin's own value, or will be.
        is_bin_new: There is no bin yet.
    """

    is_top: bool
    is_bin_new: bool


@attrs.frozen
class Outcome:
    """A container after an operation.

    Attributes:
        value: The container; None if there was none and none is made.
        result: What the operation returns.
        is_touched: It is to be stored. A container that a path would make is made only then.
    """

    value: Container | None
    result: Particle | None = None
    is_touched: bool = True


def unless_no_fail(flags: int, no_fail: int, code: ResultCode) -> None:
    """Refuse an operation whose flags do not say that it must not fail.

    Raises:
        Refusal: They do not.
    """
    if not flags & no_fail:
        raise Refusal(code)
