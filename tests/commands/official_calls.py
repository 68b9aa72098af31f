"""Calls of the official client, made with triospike's API instead.

Nothing here knows the recorded requests.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from commands import official_bits, official_cdt, official_expressions
from commands.neutral import to_python
from triospike import operations
from triospike._commands.base import Command
from triospike._commands.delete import DeleteCommand
from triospike._commands.exists import ExistsCommand
from triospike._commands.info import InfoCommand
from triospike._commands.operate import OperateCommand
from triospike._commands.read import ReadCommand
from triospike._commands.write import AddCommand, AppendCommand, PrependCommand, PutCommand, TouchCommand
from triospike.defaults import DefaultPolicies
from triospike.key import Key
from triospike.operations import Operation
from triospike.policy import (
    ClientPolicy,
    CommitLevel,
    GenerationPolicy,
    KeyPolicy,
    OperatePolicy,
    ReadModeAP,
    ReadModeSC,
    ReadPolicy,
    RecordExistsAction,
    RemovePolicy,
    Replica,
    WritePolicy,
)
from vectors.recorded import Vector

__all__ = ["NotExpressible", "command_for", "key_of"]

_DEFAULTS = DefaultPolicies.of(ClientPolicy())


class NotExpressible(Exception):
    """triospike has no call for this one; the text is the reason."""


def command_for(vector: Vector) -> Command[Any] | InfoCommand:
    """The command of triospike for a recorded call.

    Raises:
        NotExpressible: There is none yet.
        TypeError: triospike refuses an argument.
        ValueError: triospike refuses an argument.
    """
    method = vector.call["method"]
    if method in {"info_all", "info_random_node"}:
        return InfoCommand(vector.call["command"])
    if method not in _COMMANDS:
        raise NotExpressible(f"method {method}")
    return _COMMANDS[method](vector, key_of(vector.call))


def key_of(call: dict[str, Any]) -> Key:
    namespace, set_name, *rest = to_python(call["key"])
    if len(rest) == 2:
        return Key.from_digest(namespace, set_name, rest[1])
    return Key(namespace, set_name, rest[0])


def _put(vector: Vector, key: Key) -> Command[Any]:
    return PutCommand(key, to_python(vector.call["bins"]), _write_policy(vector))


def _get(vector: Vector, key: Key) -> Command[Any]:
    return ReadCommand(key, None, ReadPolicy(**_fields(vector, _READ)))


def _select(vector: Vector, key: Key) -> Command[Any]:
    return ReadCommand(key, to_python(vector.call["bins"]), ReadPolicy(**_fields(vector, _READ)))


def _exists(vector: Vector, key: Key) -> Command[Any]:
    return ExistsCommand(key, ReadPolicy(**_fields(vector, _READ)))


def _remove(vector: Vector, key: Key) -> Command[Any]:
    return DeleteCommand(key, RemovePolicy(**_fields(vector, _REMOVE)))


def _remove_bin(vector: Vector, key: Key) -> Command[Any]:
    return PutCommand(key, dict.fromkeys(to_python(vector.call["list"])), _write_policy(vector))


def _increment(vector: Vector, key: Key) -> Command[Any]:
    call = vector.call
    return AddCommand(key, {call["bin"]: to_python(call["offset"])}, _write_policy(vector))


def _append(vector: Vector, key: Key) -> Command[Any]:
    call = vector.call
    return AppendCommand(key, {call["bin"]: to_python(call["val"])}, _write_policy(vector))


def _prepend(vector: Vector, key: Key) -> Command[Any]:
    call = vector.call
    return PrependCommand(key, {call["bin"]: to_python(call["val"])}, _write_policy(vector))


def _touch(vector: Vector, key: Key) -> Command[Any]:
    return TouchCommand(key, _write_policy(vector, ttl=_signed(vector.call["val"])))


def _operate(vector: Vector, key: Key) -> Command[Any]:
    ops = [_operation(op) for op in vector.call["list"]]
    fields = _fields(vector, _OPERATE)
    # The official touch operation brings a ttl of its own, which travels where the policy's does.
    for op in vector.call["list"]:
        if "ttl" in op:
            fields["ttl"] = _signed(op["ttl"])
    return OperateCommand(key, ops, _DEFAULTS.for_operate(OperatePolicy(**fields)))


def _operation(op: dict[str, Any]) -> Operation:
    make = _OPERATIONS.get(op["op"])
    if make is None:
        raise NotExpressible(f"operation {op['op']}")
    return make(op)


_OPERATIONS: dict[str, Callable[[dict[str, Any]], Operation]] = {
    "read": lambda op: operations.read(op["bin_name"]),
    "write": lambda op: operations.write(op["bin_name"], to_python(op["write_item"])),
    "increment": lambda op: operations.add(op["bin_name"], to_python(op["amount"])),
    "append": lambda op: operations.append(op["bin_name"], to_python(op["append_item"])),
    "prepend": lambda op: operations.prepend(op["bin_name"], to_python(op["prepend_item"])),
    "touch": lambda op: operations.touch(),
    "delete": lambda op: operations.delete(),
    **official_cdt.OPERATIONS,
    **official_bits.OPERATIONS,
    **official_expressions.OPERATIONS,
}
_COMMANDS: dict[str, Callable[[Vector, Key], Command[Any]]] = {
    "put": _put,
    "get": _get,
    "select": _select,
    "exists": _exists,
    "remove": _remove,
    "remove_bin": _remove_bin,
    "increment": _increment,
    "append": _append,
    "prepend": _prepend,
    "touch": _touch,
    "operate": _operate,
    "operate_ordered": _operate,
}


# From the official client's policy, a dict with times in milliseconds, and its meta dict.


def _write_policy(vector: Vector, **more: Any) -> WritePolicy:
    return _DEFAULTS.for_write(WritePolicy(**{**_fields(vector, _WRITE), **more}))


def _signed(ttl: int) -> int:
    return ttl - (1 << 32) if ttl >= 1 << 31 else ttl


def _seconds(milliseconds: int) -> float:
    return milliseconds / 1000


_Converters = dict[str, tuple[str, Callable[[Any], Any]]]
_BASE: _Converters = {
    "total_timeout": ("total_timeout", _seconds),
    "socket_timeout": ("socket_timeout", _seconds),
    "max_retries": ("max_retries", int),
    "key": ("key", KeyPolicy),
    "replica": ("replica", Replica),
}
_READ: _Converters = {
    **_BASE,
    "read_mode_ap": ("read_mode_ap", ReadModeAP),
    "read_mode_sc": ("read_mode_sc", ReadModeSC),
    "read_touch_ttl_percent": ("read_touch_ttl_percent", int),
}
_REMOVE: _Converters = {
    **_BASE,
    "gen": ("gen", GenerationPolicy),
    "commit_level": ("commit_level", CommitLevel),
    "durable_delete": ("durable_delete", bool),
}
_WRITE: _Converters = {
    **_REMOVE,
    "exists": ("exists", RecordExistsAction),
    "ttl": ("ttl", _signed),
    "on_locking_only": ("on_locking_only", bool),
}
_OPERATE: _Converters = {**_READ, **_WRITE}


def _fields(vector: Vector, converters: _Converters) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    for name, value in vector.call.get("policy", {}).items():
        if name == "expressions":
            fields["filter_exp"] = official_expressions.filter_of(value)
        elif name in converters:
            field, convert = converters[name]
            fields[field] = convert(value)
        else:
            raise NotExpressible(f"policy {name}")
    meta = vector.call.get("meta", {})
    if "gen" in meta:
        fields["generation"] = meta["gen"]
    if "ttl" in meta:
        fields["ttl"] = _signed(meta["ttl"])
    return fields
