"""How operations on lists and maps are called: their arguments, and what all of them share."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import attrs

from ....result_code import ResultCode
from ...refusal import Refusal
from ...storage.record import Particle
from ..arguments import Arguments
from ..cursor import Cursor
from ..order import SearchKey, search_key
from .answers import int_particle
from .outcome import Outcome, Place
from .selection import Selection, Want
from .values import Container

__all__ = ["Change", "Operations", "Selector", "Signature"]

_MAX_VALUES: Final = 1 << 20


def _search_keys(args: Arguments) -> list[SearchKey]:
    values = Cursor(args.piece())
    n = values.list_size()
    if n > _MAX_VALUES:
        raise Refusal(ResultCode.PARAMETER)
    return [search_key(values.piece()) for _ in range(n)]


_READERS: dict[str, Callable[[Arguments], Any]] = {
    "i": Arguments.integer,
    "u": Arguments.unsigned,
    "n": Arguments.piece,
    "k": lambda args: search_key(args.piece()),
    "l": _search_keys,
    "e": Arguments.element,
}


@attrs.frozen
class Signature:
    """The arguments of an operation.

    Attributes:
        kinds: A letter for each: ``i`` an integer with a sign, ``u`` one without, ``n`` any value as it stands,
            ``k`` a value to compare with, ``l`` a list of them, ``e`` a value to be stored.
        optional: How many at the end may be left out.
    """

    kinds: str = ""
    optional: int = 0

    def read(self, args: Arguments) -> list[Any]:
        """Read the arguments. Of an operation without arguments, what follows is not looked at.

        Raises:
            Refusal: There are too few or too many, or one is of the wrong type.
        """
        if not self.kinds:
            return []
        if not len(self.kinds) - self.optional <= args.count <= len(self.kinds):
            raise Refusal(ResultCode.PARAMETER)
        return [_READERS[kind](args) for kind in self.kinds[: args.count]]


@attrs.frozen
class Selector:
    """An operation that selects elements, to be read or removed.

    Attributes:
        signature: The arguments, a return type in front if the operation has none of its own.
        select: From container, what is wanted, and the other arguments, the selection.
        single: One element is selected.
        kind: The operation's own return type.
    """

    signature: Signature
    select: Callable[..., Selection]
    single: bool = False
    kind: int | None = None

    def run(self, container: object, args: Arguments) -> tuple[Want, Selection]:
        """Select what the arguments ask for.

        Raises:
            Refusal: The arguments do not fit, or there is no such element.
        """
        values = self.signature.read(args)
        kind = values.pop(0) if self.kind is None else self.kind
        want = Want.of(kind, single=self.single)
        return want, self.select(container, want, *values)


@attrs.frozen
class Change:
    """An operation that changes elements in another way than by removing them.

    Attributes:
        signature: The arguments.
        run: From container, place and arguments, the outcome.
        needs: It has nothing to do where there is no container, whatever its arguments.
        refuses: Result code where there is no container, whatever its arguments.
    """

    signature: Signature
    run: Callable[..., Outcome]
    needs: bool = False
    refuses: int | None = None


@attrs.frozen
class Operations:
    """All operations on one kind of container, by their numbers.

    Attributes:
        size: Number of the operation that tells how many elements there are.
        reads: Those that read elements.
        removals: Those that remove elements.
        changes: Those that do anything else to them.
        answer: What is returned of a selection.
    """

    size: int
    reads: Mapping[int, Selector]
    removals: Mapping[int, Selector]
    changes: Mapping[int, Change]
    answer: Callable[[Want, Selection, Any], Particle | None]

    def read(self, container: Container, args: Arguments) -> Particle | None:
        """Read from a container.

        Raises:
            Refusal: The arguments do not fit, or there is no such element or operation.
        """
        if args.operation == self.size:
            return int_particle(len(container))
        selector = self.reads.get(args.operation)
        if selector is None:
            raise Refusal(ResultCode.PARAMETER)
        want, selection = selector.run(container, args)
        return self.answer(want, selection, container)

    def modify(self, target: Container | None, place: Place, args: Arguments) -> Outcome:
        """Modify a container.

        Args:
            target: The container; None where there is none.
            place: Where it is or would be.
            args: The operation and its arguments.

        Raises:
            Refusal: The arguments do not fit, there is no such element or operation, or its flags forbid it.
        """
        selector = self.removals.get(args.operation)
        if selector is not None:
            return Outcome(None, is_touched=False) if target is None else self._remove(selector, target, args)
        change = self.changes.get(args.operation)
        if change is None:
            raise Refusal(ResultCode.PARAMETER)
        if target is None and change.refuses is not None:
            raise Refusal(change.refuses)
        if target is None and change.needs:
            return Outcome(None, is_touched=False)
        return change.run(target, place, *change.signature.read(args))

    def _remove(self, selector: Selector, target: Container, args: Arguments) -> Outcome:
        want, selection = selector.run(target, args)
        result = self.answer(want, selection, target)
        if not selection.positions:
            return Outcome(target, result, is_touched=False)
        return Outcome(target.without(selection.positions), result)
