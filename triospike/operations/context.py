"""Paths to nested lists and maps, for the ``context`` of list and map operations (C: ``as_cdt_ctx``).

A path is a sequence of steps, from the bin inwards: ``[map_key("orders"), list_index(-1)]`` is the last element
of the list under the key ``orders`` of the map in the bin. The steps that select many elements at once are for
`triospike.operations.select_by_path` and `triospike.operations.modify_by_path` only.

Bad arguments raise TypeError or ValueError, which name them, when a step is made. The server answers a path that
leads nowhere with `OperationNotApplicable`, one through a value that is neither list nor map with `BinTypeError`.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from typing import Any, TypeAlias

import attrs

from .._wire import msgpack
from .._wire.opcodes import ContextCreate, ContextType
from ..errors import ProtocolError
from ..packed import PackedLike, packed_bytes
from ..values import MapKey
from ._packing import check_bool, check_int, pack_array, pack_int
from .enums import ListOrder, MapOrder, check_order

__all__ = [
    "ContextLike",
    "ContextStep",
    "all_children",
    "all_children_with_filter",
    "and_filter",
    "check_map_key",
    "from_base64",
    "from_bytes",
    "list_index",
    "list_index_create",
    "list_rank",
    "list_value",
    "map_index",
    "map_key",
    "map_key_create",
    "map_keys_in",
    "map_rank",
    "map_value",
    "pack_context",
    "to_base64",
    "to_bytes",
    "with_creation",
]


@attrs.frozen
class ContextStep:
    """One step of a path; made by the functions of `triospike.operations.context`.

    Attributes:
        kind: The protocol's number of the step.
        value: What selects the element, packed.
        description: How a program would write it, for people.
    """

    kind: int
    value: bytes = attrs.field(repr=False)
    description: str = attrs.field(default="", eq=False)

    def __str__(self) -> str:
        return self.description


ContextLike: TypeAlias = Sequence[ContextStep]

_ALL = b"\xc3"  # the expression "true"
_CREATES = ContextCreate.ORDERED | ContextCreate.UNORDERED


def list_index(index: int) -> ContextStep:
    """The element of a list at a position (C: ``as_cdt_ctx_add_list_index``).

    Args:
        index: Position, from 0; negative from the end.
    """
    return _by_int(ContextType.LIST_INDEX, "index", index)


def list_index_create(index: int, order: ListOrder = ListOrder.UNORDERED, *, pad: bool = False) -> ContextStep:
    """The list at a position of a list, made if it is not there (C: ``as_cdt_ctx_add_list_index_create``).

    Args:
        index: Position, from 0; negative from the end.
        order: Order of the list, if it is made.
        pad: Allow a position beyond the end of the outer list, which nils then fill up. Only for an unordered
            list: the server allows it for no other.
    """
    bits = _list_creation(order, pad)
    packed = pack_int(check_int(index, "index"))
    return ContextStep(ContextType.LIST_INDEX | bits, packed, f"list_index_create({index}, {order.name}, {pad=})")


def list_rank(rank: int) -> ContextStep:
    """The element of a list with a rank among its values (C: ``as_cdt_ctx_add_list_rank``).

    Args:
        rank: 0 is the lowest value; negative from the highest.
    """
    return _by_int(ContextType.LIST_RANK, "rank", rank)


def list_value(value: Any) -> ContextStep:
    """The first element of a list that equals a value (C: ``as_cdt_ctx_add_list_value``).

    Args:
        value: Any value; may hold wildcards.
    """
    return _by_value(ContextType.LIST_VALUE, "value", value)


def map_index(index: int) -> ContextStep:
    """The value of a map's item at a position by key (C: ``as_cdt_ctx_add_map_index``).

    Args:
        index: Position among the sorted keys, from 0; negative from the end.
    """
    return _by_int(ContextType.MAP_INDEX, "index", index)


def map_rank(rank: int) -> ContextStep:
    """The value of a map with a rank among its values (C: ``as_cdt_ctx_add_map_rank``).

    Args:
        rank: 0 is the lowest value; negative from the highest.
    """
    return _by_int(ContextType.MAP_RANK, "rank", rank)


def map_key(key: MapKey) -> ContextStep:
    """The value of a map under a key (C: ``as_cdt_ctx_add_map_key``).

    Args:
        key: An int, str or bytes.
    """
    return ContextStep(ContextType.MAP_KEY, check_map_key(key), f"map_key({key!r:.60})")


def map_key_create(key: MapKey, order: MapOrder = MapOrder.UNORDERED) -> ContextStep:
    """The map under a key of a map, made if it is not there (C: ``as_cdt_ctx_add_map_key_create``).

    Args:
        key: An int, str or bytes.
        order: Order of the map, if it is made.
    """
    bits = _map_creation(order)
    packed = check_map_key(key)
    return ContextStep(ContextType.MAP_KEY | bits, packed, f"map_key_create({key!r:.60}, {order.name})")


def map_value(value: Any) -> ContextStep:
    """The first value of a map that equals a value (C: ``as_cdt_ctx_add_map_value``).

    Args:
        value: Any value; may hold wildcards.
    """
    return _by_value(ContextType.MAP_VALUE, "value", value)


def map_keys_in(keys: Sequence[MapKey]) -> ContextStep:
    """The values of a map under several keys (C: ``as_cdt_ctx_add_map_keys_in``; paths, server 8.1.2).

    Args:
        keys: A list of int, str or bytes.
    """
    if not isinstance(keys, list | tuple):
        raise TypeError(f"keys must be a list of map keys, not {type(keys).__name__}")
    packed = pack_array([check_map_key(key, f"keys[{number}]") for number, key in enumerate(keys)])
    return ContextStep(ContextType.MAP_KEYS_IN, packed, f"map_keys_in({keys!r:.60})")


def all_children() -> ContextStep:
    """All elements of a list or values of a map (C: ``as_cdt_ctx_add_all_children``; paths, server 8.1.1)."""
    return ContextStep(ContextType.EXPRESSION, _ALL, "all_children()")


def all_children_with_filter(expression: PackedLike) -> ContextStep:
    """The elements or values that fulfil a condition (C: ``as_cdt_ctx_add_all_children_with_filter``).

    For paths, server 8.1.1.

    Args:
        expression: True or false for each of them; its loop variables are the element's key, value or index.
    """
    packed = packed_bytes(expression, "expression")
    return ContextStep(ContextType.EXPRESSION, packed, f"all_children_with_filter({_shown(expression)})")


def and_filter(expression: PackedLike) -> ContextStep:
    """Of what the step before selected, that which fulfils a condition (C: ``as_cdt_ctx_add_and_filter``).

    For paths, server 8.1.2.

    Args:
        expression: True or false for each; its loop variables are the element's key, value or index.
    """
    packed = packed_bytes(expression, "expression")
    return ContextStep(ContextType.AND_EXPRESSION, packed, f"and_filter({_shown(expression)})")


def to_bytes(context: ContextLike) -> bytes:
    """A path as it travels, which other clients read too (C: ``as_cdt_ctx_to_bytes``).

    Args:
        context: The steps, at least one.

    Raises:
        TypeError: A step is none.
        ValueError: There is no step.
    """
    packed = pack_context(context)
    if packed is None:
        raise ValueError("context must not be empty")
    return packed


def from_bytes(data: bytes) -> list[ContextStep]:
    """The steps of a path that `to_bytes` or another client packed (C: ``as_cdt_ctx_from_bytes``).

    Args:
        data: The packed path.

    Raises:
        TypeError: The data are no bytes.
        ValueError: They are no path.
    """
    if not isinstance(data, bytes):
        raise TypeError(f"data must be bytes, not {type(data).__name__}")
    parts = msgpack.split_array(data)
    if not parts or len(parts) % 2:
        raise ValueError(f"data must hold pairs of a step's kind and value, not {len(parts)} values")
    return [_unpacked(kind, value) for kind, value in zip(parts[::2], parts[1::2], strict=True)]


def to_base64(context: ContextLike) -> str:
    """A path as text, as in commands that create indexes (C: ``as_cdt_ctx_to_base64``).

    Args:
        context: The steps, at least one.
    """
    return base64.b64encode(to_bytes(context)).decode()


def from_base64(text: str) -> list[ContextStep]:
    """The steps of a path that `to_base64` or another client wrote (C: ``as_cdt_ctx_from_base64``).

    Args:
        text: The path in base64.

    Raises:
        TypeError: The text is no str.
        ValueError: It is no path.
    """
    if not isinstance(text, str):
        raise TypeError(f"text must be a str, not {type(text).__name__}")
    try:
        data = base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ValueError(f"text must be base64: {error}") from error
    return from_bytes(data)


def pack_context(context: ContextLike | None, argument: str = "context") -> bytes | None:
    """The path as it travels, or None for no path.

    Raises:
        TypeError: It is no sequence of steps; the message names the argument.
    """
    if not context and (context is None or isinstance(context, list | tuple)):
        return None
    if not isinstance(context, list | tuple):
        raise TypeError(f"{argument} must be a list of context steps, not {type(context).__name__}")
    parts: list[bytes] = []
    for number, step in enumerate(context):
        if not isinstance(step, ContextStep):
            raise TypeError(
                f"{argument}[{number}] must be made by triospike.operations.context, not {type(step).__name__}"
            )
        parts += (pack_int(step.kind), step.value)
    return pack_array(parts)


def with_creation(context: ContextLike, order: ListOrder | MapOrder, *, pad: bool = False) -> list[ContextStep]:
    """A path whose last step makes its element: a list or a map, by the type of the order.

    Raises:
        TypeError: It is no sequence of steps.
    """
    pack_context(context)
    bits = _list_creation(order, pad) if isinstance(order, ListOrder) else _map_creation(order)
    return [*context[:-1], attrs.evolve(context[-1], kind=context[-1].kind | bits)]


def check_map_key(key: Any, argument: str = "key") -> bytes:
    """A key that a map can hold, packed.

    Raises:
        TypeError: It is no int, str or bytes; the message names the argument.
        ValueError: It is an int of more than 64 bits.
    """
    if isinstance(key, bool) or not isinstance(key, int | str | bytes):
        raise TypeError(f"{argument} must be an int, str or bytes, as keys of maps are, not {type(key).__name__}")
    return msgpack.pack(key, argument)


def _by_int(kind: ContextType, argument: str, value: int) -> ContextStep:
    return ContextStep(kind, pack_int(check_int(value, argument)), f"{kind.name.lower()}({value})")


def _by_value(kind: ContextType, argument: str, value: Any) -> ContextStep:
    return ContextStep(kind, msgpack.pack_argument(value, argument), f"{kind.name.lower()}({value!r:.60})")


def _list_creation(order: ListOrder, pad: bool) -> int:
    if check_order(order, ListOrder):
        return ContextCreate.ORDERED
    padded = check_bool(pad, "pad")
    return ContextCreate.UNORDERED_PADDED_OR_KEY_ORDERED if padded else ContextCreate.UNORDERED


def _map_creation(order: MapOrder) -> int:
    check_order(order, MapOrder)
    return _MAP_CREATIONS[order]


_MAP_CREATIONS = {
    MapOrder.UNORDERED: ContextCreate.UNORDERED,
    MapOrder.KEY_ORDERED: ContextCreate.UNORDERED_PADDED_OR_KEY_ORDERED,
    MapOrder.KEY_VALUE_ORDERED: ContextCreate.ORDERED,
}


def _shown(expression: object) -> str:
    return f"<{len(expression)} bytes>" if isinstance(expression, bytes) else repr(expression)


_KINDS = frozenset(ContextType)
_CREATING = frozenset({ContextType.LIST_INDEX, ContextType.MAP_KEY})


def _unpacked(kind: bytes, value: bytes) -> ContextStep:
    number = _value_of(kind)
    plain = number & ~(_CREATES | ContextCreate.PERSIST_INDEX) if isinstance(number, int) else None
    if plain not in _KINDS or (plain != number and plain not in _CREATING):
        raise ValueError(f"data hold a step of an unknown kind: {number!r:.60}")
    word = ContextType(plain).name.lower() + ("_create" if plain != number else "")
    return ContextStep(number, value, f"{word}({_value_of(value)!r:.60})")


def _value_of(packed: bytes) -> Any:
    try:
        return msgpack.unpack(packed)
    except ProtocolError:  # a value with a wildcard in it, or an expression with names in it
        return packed
