"""Random operations on lists and maps do to the embedded server what they do to Python's own lists and dicts."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from typing import Any, TypeAlias

import attrs
import msgpack
from asking import Answer, op, send, write
from cdt_model import ListModel, MapModel, RefusedError, order
from hypothesis import given, settings, strategies as st
from lone_node import LoneNode

from triospike.key import Key

KEY = Key("test", "demo", "user1")
READ, CDT_READ, CDT_MODIFY, BLOB = 1, 3, 4, 4
INDEX, REVERSE_INDEX, COUNT, MAP_KEY, VALUE, EXISTS, INVERTED = 1, 2, 5, 6, 7, 13, 0x10000


class Pairs(list[tuple[Any, Any]]):
    """A map as it was sent."""


def dressed(value: Any) -> Any:
    """A value as the protocol packs it: a string has its type in front."""
    if isinstance(value, str):
        return "\x03" + value
    if isinstance(value, list):
        return [dressed(item) for item in value]
    if isinstance(value, dict):
        return {dressed(key): dressed(item) for key, item in value.items()}
    return value


def undressed(value: Any) -> Any:
    if isinstance(value, str):
        return value[1:]
    if isinstance(value, Pairs):
        return {undressed(key): undressed(item) for key, item in value if not isinstance(key, msgpack.ExtType)}
    if isinstance(value, list):
        return [undressed(item) for item in value if not isinstance(item, msgpack.ExtType)]
    return value


def unpacked(particle_type: int, text: str) -> Any:
    data = bytes.fromhex(text)
    if particle_type in {19, 20}:
        return undressed(msgpack.unpackb(data, strict_map_key=False, object_pairs_hook=Pairs))
    if particle_type == 1:
        return int.from_bytes(data, "big", signed=True)
    return {0: None, 3: data.decode(), 17: data != b"\0"}[particle_type]


class Bin:
    """One bin of a record of a node."""

    def __init__(self) -> None:
        self.node = LoneNode()
        write(self.node, KEY)  # its other bin keeps the record, whatever becomes of this one

    def call(self, operation: int, *args: Any) -> tuple[int, Any]:
        """Result code and result of an operation; None for none."""
        packed = msgpack.packb([operation, *[dressed(arg) for arg in args]])
        is_read = operation in range(16, 28) or operation >= 96
        info = (1, 0, 0) if is_read else (0, 1, 0)
        answer = send(self.node, KEY, op(CDT_READ if is_read else CDT_MODIFY, "b", BLOB, packed), info=info)
        found = [unpacked(kind, value) for _, kind, value in answer.bins]
        return answer.code, found[0] if found else None

    def content(self) -> Any:
        """The whole value, None if there is none."""
        answer: Answer = send(self.node, KEY, op(READ, "b"), info=(1, 0, 0))
        return unpacked(*answer.bins[0][1:]) if answer.bins else None


@attrs.frozen
class Step:
    """One operation: how it is called and what the model does."""

    operation: int
    args: tuple[Any, ...]
    model: Callable[[Any], Any]


scalars = st.one_of(st.none(), st.integers(-3, 3), st.integers(-(2**63), 2**63 - 1), st.text("ab", max_size=2))
values = st.one_of(scalars, st.lists(scalars, max_size=2))
keys = st.one_of(st.integers(-2, 4), st.text("abc", min_size=1, max_size=1))
indexes = st.integers(-6, 6)
counts = st.integers(0, 5)
small = st.integers(-3, 3)
list_flags = st.sampled_from([0, 0, 1, 2, 4, 5, 6, 7, 13])
map_flags = st.sampled_from([0, 0, 1, 2, 5, 6, 13, 14])

LIST_SELECTORS: dict[str, tuple[int, int, tuple[st.SearchStrategy[Any], ...]]] = {
    "index": (19, 32, (indexes,)),
    "rank": (21, 34, (indexes,)),
    "value": (22, 35, (values,)),
    "value list": (23, 36, (st.lists(values, max_size=3),)),
    "index range": (24, 37, (indexes, counts)),
    "value interval": (25, 38, (values, values)),
    "rank range": (26, 39, (indexes, counts)),
    "relative rank": (27, 40, (values, indexes, counts)),
}
MAP_SELECTORS: dict[str, tuple[int, int, tuple[st.SearchStrategy[Any], ...]]] = {
    "key": (97, 76, (keys,)),
    "index": (98, 77, (indexes,)),
    "rank": (100, 79, (indexes,)),
    "key list": (107, 81, (st.lists(keys, max_size=3),)),
    "value": (102, 82, (values,)),
    "value list": (108, 83, (st.lists(values, max_size=3),)),
    "key interval": (103, 84, (keys, keys)),
    "index range": (104, 85, (indexes, counts)),
    "value interval": (105, 86, (values, values)),
    "rank range": (106, 87, (indexes, counts)),
    "relative index": (109, 88, (keys, indexes, counts)),
    "relative rank": (110, 89, (values, indexes, counts)),
}
SINGLE = {"index", "rank", "key"}


@st.composite
def list_changes(draw: st.DrawFn) -> Step:
    index, value, flags = draw(indexes), draw(values), draw(list_flags)
    some, delta, order_now = draw(st.lists(values, max_size=3)), draw(small), draw(st.booleans())
    return draw(
        st.sampled_from(
            [
                Step(1, (value, 0, flags), lambda model: model.append(value, flags)),
                Step(2, (some, 0, flags), lambda model: model.append_items(some, flags)),
                Step(3, (index, value, flags), lambda model: model.insert(index, value, flags)),
                Step(9, (index, value), lambda model: model.set_at(index, value)),
                Step(12, (index, delta), lambda model: model.increment(index, delta)),
                Step(13, (0,), lambda model: model.sort(0)),
                Step(13, (1,), lambda model: model.sort(1)),
                Step(13, (2,), lambda model: model.sort(2)),
                Step(0, (int(order_now),), lambda model: model.set_order(order_now)),
            ]
        )
    )


@st.composite
def map_changes(draw: st.DrawFn) -> Step:
    key, value, flags, delta = draw(keys), draw(values), draw(map_flags), draw(small)
    some = draw(st.dictionaries(keys, values, max_size=4))
    return draw(
        st.sampled_from(
            [
                Step(67, (key, value, 0, flags), lambda model: model.put_items({key: value}, flags & ~8)),
                Step(68, (some, 1, flags), lambda model: model.put_items(some, flags)),
                Step(73, (key, delta), lambda model: model.increment(key, delta)),
                Step(74, (key, delta), lambda model: model.increment(key, -delta)),
            ]
        )
    )


Selected: TypeAlias = tuple[str, int, bool, int, tuple[Any, ...]]
"""A selector, the number of its operation, whether that removes, a return type, and arguments."""


@st.composite
def selections(draw: st.DrawFn, selectors: dict[str, Any], kinds: list[int]) -> Selected:
    by = draw(st.sampled_from(sorted(selectors)))
    read, remove, strategies = selectors[by]
    removes = draw(st.booleans())
    kind = draw(st.sampled_from(kinds))
    if by not in SINGLE and kind != EXISTS and draw(st.booleans()):
        kind |= INVERTED
    return by, remove if removes else read, removes, kind, tuple(draw(strategy) for strategy in strategies)


def wanted(model: Any, by: str, kind: int, args: tuple[Any, ...]) -> list[int] | int:
    """Positions that are wanted, or the result code if there is none."""
    try:
        found = model.select(by, *args)
    except RefusedError as refused:
        return refused.code
    if not kind & INVERTED:
        return list(found)
    return [at for at in range(len(model.items)) if at not in found]


def told(positions: list[int], kind: int, by: str, model: Any) -> Any:
    """What is returned of elements at some positions; of many, sorted."""
    total = len(model.items)
    if kind == COUNT:
        return len(positions)
    if kind == EXISTS:
        return bool(positions)
    parts = {
        INDEX: range(total),
        REVERSE_INDEX: range(total - 1, -1, -1),
        VALUE: model.items if isinstance(model, ListModel) else model.values,
        MAP_KEY: () if isinstance(model, ListModel) else model.keys,
    }
    found = [parts[kind][at] for at in positions]
    if by in SINGLE:
        return found[0] if found else -1 if kind in {INDEX, REVERSE_INDEX} else None
    return sorted(found, key=order)


def check_selection(stored: Bin, model: Any, selection: Selected) -> None:
    by, operation, removes, kind, args = selection
    positions = wanted(model, by, kind, args) if model.exists else []
    if not model.exists or isinstance(positions, int):
        assert stored.call(operation, kind, *args) == (positions or 0, None)
        return
    kind_alone = kind & ~INVERTED
    expected = told(positions, kind_alone, by, model)
    before = stored.content()
    code, found = stored.call(operation, kind, *args)
    assert code == 0
    is_tied = isinstance(model, ListModel) and not model.ordered and "rank" in by
    if is_tied and kind_alone in {INDEX, REVERSE_INDEX}:
        # Of equal elements, the server chooses which have a rank.
        numbers = found if isinstance(found, list) else [found]
        chosen = [before[at if kind_alone == INDEX else -1 - at] for at in numbers]
        assert sorted(chosen, key=order) == sorted((model.items[at] for at in positions), key=order)
    elif isinstance(found, list) and by not in SINGLE:
        assert sorted(found, key=order) == expected
    else:
        assert found == expected
    if removes:
        check_removal(stored, model, positions, is_tied=is_tied)


def check_removal(stored: Bin, model: Any, positions: list[int], *, is_tied: bool) -> None:
    """Of equal elements of an unordered list, the server chooses by rank which are removed."""
    before = list(model.items)
    model.remove(positions)
    after = stored.content()
    if not is_tied:
        assert after == model.items
        return
    assert sorted(after, key=order) == sorted(model.items, key=order)
    rest = iter(before)
    assert all(any(item == other for other in rest) for item in after)
    model.items = after


def check_change(stored: Bin, model: Any, step: Step) -> None:
    before = deepcopy(vars(model))
    try:
        result = step.model(model)
        code = 0
    except RefusedError as refused:
        vars(model).update(before)
        result, code = None, refused.code
    assert stored.call(step.operation, *step.args) == (code, result)
    content = stored.content()
    assert content == (model.items if model.exists else None)


def play(model: Any, steps: list[Any]) -> None:
    stored = Bin()
    for step in steps:
        if isinstance(step, Step):
            check_change(stored, model, step)
        else:
            check_selection(stored, model, step)


list_steps = st.one_of(list_changes(), selections(LIST_SELECTORS, [INDEX, REVERSE_INDEX, COUNT, VALUE, EXISTS]))
map_steps = st.one_of(
    map_changes(), selections(MAP_SELECTORS, [INDEX, REVERSE_INDEX, COUNT, MAP_KEY, VALUE, EXISTS])
)


@settings(deadline=None)
@given(st.lists(list_steps, max_size=25))
def test_list_operations_do_what_they_do_to_a_python_list(steps: list[Any]) -> None:
    play(ListModel(), steps)


@settings(deadline=None)
@given(st.lists(map_steps, max_size=25))
def test_map_operations_do_what_they_do_to_a_python_dict(steps: list[Any]) -> None:
    play(MapModel(), steps)
