"""Info commands that administer: indexes, modules, truncation, settings, jobs (protocol sections 6.6 to 6.8).

Names and values become part of a line of text, so whatever could end it, or begin another pair, is refused.
"""

from __future__ import annotations

import base64
import re
from typing import TypeAlias

from .._wire.opcodes import CollectionKind
from ..admin.indexes import IndexKind
from ..admin.modules import UdfModule
from ..clock import Moment, unix_nanoseconds
from ..key import MAX_NAMESPACE_BYTES, MAX_SET_BYTES
from ..operations.context import ContextLike, pack_context
from ..operations.operation import check_bin_name
from ..packed import PackedLike, packed_bytes
from ..values import INT64_MAX, INT64_MIN, encode_text

__all__ = [
    "Build",
    "abort_job_command",
    "check_name",
    "create_index_command",
    "create_set_index_command",
    "drop_index_command",
    "get_config_command",
    "get_module_command",
    "index_statistics_command",
    "list_indexes_command",
    "put_module_command",
    "remove_module_command",
    "set_config_command",
    "set_filter_command",
    "sets_command",
    "truncate_command",
]

Build: TypeAlias = tuple[int, ...]
"""A server's version, such as (8, 1, 2, 0)."""

MAX_INDEX_NAME_BYTES = 63
_NEW_WORDS: Build = (8, 1)
"""The version from which on servers want ``namespace`` and ``id`` where they took ``ns`` and ``trid`` before."""
_INTEGER: Build = (8, 1, 3)
"""The version from which on servers call "integer" what was "numeric" before."""
_BREAKS = re.compile(r"[;\x00-\x1f\x7f]")
_TYPES = {IndexKind.STRING: "STRING", IndexKind.BLOB: "BLOB", IndexKind.GEO: "GEO2DSPHERE"}
_PLACES = {
    CollectionKind.DEFAULT: "",
    CollectionKind.LIST: ";indextype=LIST",
    CollectionKind.MAP_KEYS: ";indextype=MAPKEYS",
    CollectionKind.MAP_VALUES: ";indextype=MAPVALUES",
}


def check_name(value: str, argument: str, longest: int = 1024) -> str:
    """A name or a value that can stand in an info command.

    Raises:
        TypeError: It is not a str.
        ValueError: It is empty, too long, or holds a semicolon or a control character.
    """
    if not isinstance(value, str):
        raise TypeError(f"{argument} must be a str, not {type(value).__name__}")
    if not 1 <= len(encode_text(value, argument)) <= longest or _BREAKS.search(value):
        raise ValueError(
            f"{argument} must be 1 to {longest} bytes without semicolons and control characters, not {value!r}"
        )
    return value


def _namespace(value: str, build: Build) -> str:
    word = "namespace" if build >= _NEW_WORDS else "ns"
    return f"{word}={check_name(value, 'namespace', MAX_NAMESPACE_BYTES)}"


def _set(value: str | None) -> str:
    return "" if value is None else f";set={check_name(value, 'set_name', MAX_SET_BYTES)}"


def _index(value: str) -> str:
    return f"indexname={check_name(value, 'name', MAX_INDEX_NAME_BYTES)}"


# Indexes.


def create_index_command(
    namespace: str,
    set_name: str | None,
    name: str,
    build: Build,
    *,
    bin_name: str | None,
    expression: PackedLike | None,
    kind: IndexKind,
    collection: CollectionKind,
    context: ContextLike | None,
) -> str:
    """Create an index of the values in a bin, or of an expression.

    Raises:
        TypeError: An argument is of the wrong type.
        ValueError: An argument is out of range, or there is not one of bin and expression.
    """
    if type(kind) is not IndexKind:
        raise TypeError(f"kind must be an IndexKind, not {type(kind).__name__}")
    if type(collection) is not CollectionKind:
        raise TypeError(f"collection must be a CollectionKind, not {type(collection).__name__}")
    if (bin_name is None) is (expression is None):
        raise ValueError("an index is of a bin or of an expression: exactly one of them must be given")
    packed_context = pack_context(context)
    if expression is not None and packed_context is not None:
        raise ValueError("context is for an index of a bin; an expression finds its way by itself")
    of_type = _TYPES.get(kind) or ("INTEGER" if build >= _INTEGER else "NUMERIC")
    begin = f"sindex-create:{_namespace(namespace, build)}{_set(set_name)};{_index(name)}"
    if expression is not None:
        packed = _base64(packed_bytes(expression, "expression"))
        return f"{begin};exp={packed}{_PLACES[collection]};type={of_type}"
    path = "" if packed_context is None else f";context={_base64(packed_context)}"
    check_bin_name(bin_name, "bin")
    check_name(bin_name or "", "bin")
    source = f"bin={bin_name};type={of_type}" if build >= _NEW_WORDS else f"indexdata={bin_name},{of_type}"
    return f"{begin}{path}{_PLACES[collection]};{source}"


def create_set_index_command(namespace: str, set_name: str, name: str, build: Build) -> str:
    """Create an index of the records of a set."""
    check_name(set_name, "set_name", MAX_SET_BYTES)
    return f"sindex-create:{_namespace(namespace, build)}{_set(set_name)};{_index(name)};indextype=SET"


def drop_index_command(namespace: str, name: str, build: Build) -> str:
    """Drop an index."""
    return f"sindex-delete:{_namespace(namespace, build)};{_index(name)}"


def index_statistics_command(namespace: str, name: str, build: Build) -> str:
    """Ask for an index's numbers."""
    if build < _NEW_WORDS:
        check_name(namespace, "namespace", MAX_NAMESPACE_BYTES)
        return f"sindex/{namespace}/{check_name(name, 'name', MAX_INDEX_NAME_BYTES)}"
    return f"sindex-stat:{_namespace(namespace, build)};{_index(name)}"


def list_indexes_command(namespace: str | None, build: Build) -> str:
    """List the indexes of one namespace or of all, with contexts and expressions in base64."""
    where = "" if namespace is None else _namespace(namespace, build) + ";"
    return f"sindex-list:{where}b64=true"


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()


# Modules.


def put_module_command(module: UdfModule) -> str:
    """Register a module."""
    encoded = _base64(module.content or b"")
    return (
        f"udf-put:filename={module.name};content={encoded};content-len={len(encoded)};udf-type={module.language};"
    )


def get_module_command(name: str) -> str:
    """Ask for a module's content."""
    return f"udf-get:filename={name};"


def remove_module_command(name: str) -> str:
    """Remove a module."""
    return f"udf-remove:filename={name};"


# Records.


def truncate_command(namespace: str, set_name: str | None, before: Moment | None) -> str:
    """Remove the records of a set or of a namespace, all or those last written before a time."""
    until = "" if before is None else f";lut={unix_nanoseconds(before, 'before')}"
    check_name(namespace, "namespace", MAX_NAMESPACE_BYTES)
    if set_name is None:
        return f"truncate-namespace:namespace={namespace}{until}"
    return f"truncate:namespace={namespace}{_set(set_name)}{until}"


def sets_command(namespace: str | None) -> str:
    """List the sets of one namespace or of all."""
    return "sets" if namespace is None else f"sets/{check_name(namespace, 'namespace', MAX_NAMESPACE_BYTES)}"


# Settings.


def get_config_command(context: str, namespace: str | None, build: Build) -> str:
    """Ask for the settings of a context.

    Raises:
        ValueError: The context is "namespace" and none is named, or the other way round.
    """
    return f"get-config:context={_context(context, namespace, build)}"


def set_config_command(
    context: str, name: str, value: str | int | bool, namespace: str | None, set_name: str | None, build: Build
) -> str:
    """Change a setting of a context.

    Raises:
        TypeError: The value is neither str, int nor bool.
        ValueError: It can't be said.
    """
    if set_name is not None and context != "namespace":
        raise ValueError("set_name is for settings of the context 'namespace'")
    where = _context(context, namespace, build) + _set(set_name)
    return f"set-config:context={where};{_setting(name, value)}"


def _context(context: str, namespace: str | None, build: Build) -> str:
    check_name(context, "context")
    if (context == "namespace") is (namespace is None):
        raise ValueError("namespace must be named for the context 'namespace', and only for that one")
    if namespace is None:
        return context
    word = "namespace" if build >= _NEW_WORDS else "id"
    return f"{context};{word}={check_name(namespace, 'namespace', MAX_NAMESPACE_BYTES)}"


def _setting(name: str, value: str | int | bool) -> str:
    if "=" in check_name(name, "the name of a setting"):
        raise ValueError(f"the name of a setting must not hold an equals sign: {name!r}")
    if isinstance(value, bool):
        return f"{name}={str(value).lower()}"
    if not isinstance(value, int | str):
        raise TypeError(f"settings[{name!r}] must be a str, int or bool, not {type(value).__name__}")
    return f"{name}={check_name(str(value), f'settings[{name!r}]')}"


def set_filter_command(data_center: str, namespace: str, expression: PackedLike | None) -> str:
    """Set the filter of what XDR ships to a data center, or take it away."""
    check_name(data_center, "data_center")
    check_name(namespace, "namespace", MAX_NAMESPACE_BYTES)
    packed = "null" if expression is None else _base64(packed_bytes(expression, "expression"))
    return f"xdr-set-filter:dc={data_center};namespace={namespace};exp={packed}"


# Jobs.


def abort_job_command(job_id: int, build: Build) -> str:
    """Abort a job."""
    if isinstance(job_id, bool) or not isinstance(job_id, int):
        raise TypeError(f"job_id must be an int, not {type(job_id).__name__}")
    if not INT64_MIN <= job_id <= 2 * INT64_MAX + 1:
        raise ValueError(f"job_id must be an int of at most 64 bits, not {job_id}")
    word = "id" if build >= _NEW_WORDS else "trid"
    return f"query-abort:{word}={job_id % 2**64}"
