"""Commands that make, end and tell of secondary indexes (protocol section 6.6)."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable
from typing import Final

from ..._wire.flags import ParticleType
from ..._wire.opcodes import ExpType
from ...key import MAX_NAMESPACE_BYTES, MAX_SET_BYTES, N_PARTITIONS
from ...result_code import ResultCode
from ..evaluate.expression import build
from ..indexes.definition import Collection, Definition
from ..indexes.index import Index
from ..indexes.kept import Catalog
from ..indexes.looking import looks_only_at_bins
from ..indexes.paths import is_path, is_shortest
from ..indexes.text import expression_text, path_text
from ..ports import NodeView
from ..refusal import Refusal
from ..session import Session
from ..storage.namespace import Namespace
from .command import Command
from .params import InfoError, Params

__all__ = ["COMMANDS"]

_MAX_NAME: Final = 63
_MAX_BIN: Final = 15
_MAX_COLLECTION: Final = 9
_MAX_KIND: Final = 11
_MAX_DATA: Final = 27
_MAX_CONTEXT: Final = 2047
_MAX_EXPRESSION: Final = 16383
_ALLOTTED: Final = 1 << 24
"""Bytes that the first index takes, and the last."""
_BYTES_OF_A_SET_ENTRY: Final = 16

_COLLECTIONS = {
    "default": Collection.DEFAULT,
    "list": Collection.LIST,
    "mapkeys": Collection.MAP_KEYS,
    "mapvalues": Collection.MAP_VALUES,
    "set": Collection.SET,
}
_COLLECTION_NAMES = {collection: name for name, collection in _COLLECTIONS.items()}
_KINDS = {
    "numeric": int(ParticleType.INTEGER),
    "string": int(ParticleType.STRING),
    "blob": int(ParticleType.BLOB),
    "geo2dsphere": int(ParticleType.GEOJSON),
}
_KIND_NAMES = {kind: name for name, kind in _KINDS.items()}
_KEY_KINDS = frozenset({"numeric", "string", "blob"})
_TYPES = {
    ExpType.NIL: "null",
    ExpType.BOOL: "bool",
    ExpType.INT: "numeric",
    ExpType.STRING: "string",
    ExpType.LIST: "list",
    ExpType.MAP: "map",
    ExpType.BLOB: "blob",
    ExpType.FLOAT: "float",
    ExpType.GEOJSON: "geo2dsphere",
    ExpType.HLL: "hll",
}
_TYPES_OF_KINDS = {
    _KINDS["numeric"]: ExpType.INT,
    _KINDS["string"]: ExpType.STRING,
    _KINDS["blob"]: ExpType.BLOB,
    _KINDS["geo2dsphere"]: ExpType.GEOJSON,
}
_NOT_OF_SETS = ("context", "indexdata", "type", "bin", "exp")


def _bad(message: str) -> InfoError:
    return InfoError(ResultCode.PARAMETER, message)


# --- making and ending ----------------------------------------------------------------------------------------


def _create(node: NodeView, session: Session, params: Params) -> str:
    name = params.required("indexname", limit=_MAX_NAME)
    namespace = params.required("namespace", "ns", limit=MAX_NAMESPACE_BYTES)
    collection = params.raw("indextype")
    if collection is not None and collection.lower() == "set":
        definition = _set_definition(node, params, name, namespace)
    else:
        definition = _definition(params, name)
    # A cluster remembers definitions for namespaces that it does not have, or not yet.
    _create_in(node.catalogs.setdefault(namespace, Catalog()), definition)
    return "ok"


def _create_in(catalog: Catalog, definition: Definition) -> None:
    existing = catalog.named(definition.name)
    if existing is not None:
        if existing.identity != definition.identity:
            raise InfoError(ResultCode.INDEX_FOUND, "'indexname' already exists with different definition")
        return
    is_new = catalog.defined(definition.identity) is None
    if is_new and catalog.is_full and definition.collection is not Collection.SET:
        raise InfoError(ResultCode.INDEX_MAX_COUNT, "already at sindex definition limit")
    catalog.create(definition)


def _set_definition(node: NodeView, params: Params, name: str, namespace: str) -> Definition:
    for key in _NOT_OF_SETS:
        if params.raw(key):
            raise _bad(f"{key} parameter is not supported for set index")
    set_name = params.required("set", limit=MAX_SET_BYTES)
    if namespace not in node.namespaces:
        raise _bad("namespace not found")
    return Definition(name=name, set_name=_bytes(set_name), kind=0, collection=Collection.SET)


def _definition(params: Params, name: str) -> Definition:
    set_name = params.optional("set", limit=MAX_SET_BYTES)
    context = _context(params)
    collection = _collection(params)
    data = params.optional("indexdata", limit=_MAX_DATA - 1)
    kind_text = params.optional("type", limit=_MAX_KIND)
    if data is None and kind_text is None:
        raise _bad("both 'indexdata' and 'type' are missing")
    if data is not None and kind_text is not None:
        raise _bad("both 'indexdata' and 'type' are specified")
    expression = None
    if kind_text is not None:
        kind = _kind(kind_text, "bad 'type'")
        bin_name, expression = _what(params, collection, kind, has_context=context is not None)
    else:
        assert data is not None
        bin_name, kind = _old_data(data)
    if collection is Collection.MAP_KEYS and _KIND_NAMES[kind] not in _KEY_KINDS:
        raise _bad(
            "bad 'indexdata' bin type for 'indextype' 'mapkeys' - must be one of 'numeric', 'string', 'blob'"
        )
    return Definition(
        name=name,
        set_name=_bytes(set_name or ""),
        bin_name=_bytes(bin_name),
        kind=kind,
        collection=collection,
        context=context,
        expression=expression,
    )


def _context(params: Params) -> bytes | None:
    text = params.optional("context", limit=_MAX_CONTEXT)
    if text is None:
        return None
    context = _decoded(text, "'context' invalid base64")
    if not is_path(context):
        raise _bad("'context' invalid cdt context")
    if not is_shortest(context):
        raise _bad("'context' not normalized msgpack")
    return context


def _decoded(text: str, message: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise _bad(message) from None


def _collection(params: Params) -> Collection:
    text = params.optional("indextype", limit=_MAX_COLLECTION)
    if text is None:
        return Collection.DEFAULT
    collection = _COLLECTIONS.get(text.lower())
    if collection is None:
        raise _bad("bad 'indextype' - must be one of 'default', 'list', 'mapkeys', 'mapvalues'")
    return collection


def _kind(text: str, complaint: str) -> int:
    kind = _KINDS.get(text.lower())
    if kind is None:
        raise _bad(f"{complaint} - must be one of 'numeric', 'string', 'blob', 'geo2dsphere'")
    return kind


def _what(params: Params, collection: Collection, kind: int, *, has_context: bool) -> tuple[str, bytes | None]:
    """The bin or the expression that is indexed."""
    bin_name = params.optional("bin", limit=_MAX_BIN)
    text = params.optional("exp", limit=_MAX_EXPRESSION)
    if bin_name is not None and text is not None:
        raise _bad("both 'bin' and 'exp' are specified")
    if bin_name is not None:
        return bin_name, None
    if text is None:
        raise _bad("both 'bin' and 'exp' are missing")
    if has_context:
        raise _bad("both 'context' and 'exp' are specified")
    return "", _expression(text, collection, kind)


def _expression(text: str, collection: Collection, kind: int) -> bytes:
    packed = _decoded(text, "bad 'exp'")
    try:
        found = build(packed).kind
    except Refusal:
        raise _bad("bad 'exp'") from None
    if not looks_only_at_bins(packed):
        raise _bad("bad 'exp'")
    expected = _TYPES_OF_KINDS[kind]
    if collection is not Collection.DEFAULT:
        expected = ExpType.LIST if collection is Collection.LIST else ExpType.MAP
    if found != expected:
        names = _TYPES[ExpType(found)], _TYPES[expected]
        raise _bad("bad 'exp' - expression type '{}' does not match expected type '{}'".format(*names))
    return packed


def _old_data(data: str) -> tuple[str, int]:
    """Bin name and kind, as older clients tell them."""
    bin_name, comma, kind = data.partition(",")
    if not comma:
        raise _bad("'indexdata' missing bin type")
    if not bin_name:
        raise _bad("'indexdata' missing bin name")
    if len(bin_name) > _MAX_BIN:
        raise _bad("'indexdata' bin name too long")
    return bin_name, _kind(kind, "bad 'indexdata' bin type")


def _delete(node: NodeView, session: Session, params: Params) -> str:
    name = params.required("indexname", limit=_MAX_NAME)
    catalog = node.catalogs.get(params.required("namespace", "ns", limit=MAX_NAMESPACE_BYTES))
    if catalog is not None and catalog.named(name) is not None:
        catalog.drop(name)
    return "ok"


# --- telling ----------------------------------------------------------------------------------------------------


def _exists(node: NodeView, session: Session, params: Params) -> str:
    name = params.required("indexname", limit=_MAX_NAME)
    namespace = params.namespace(node, "ns")
    return "true" if namespace.indexes.named(name) is not None else "false"


def _list(node: NodeView, session: Session, params: Params) -> str:
    try:
        wanted = params.optional_namespace(node, "ns")
    except InfoError as error:
        return f"{error};{error}"  # a real server looks for indexes of two kinds, and complains twice
    in_base64 = params.optional_flag("b64", "bad b64")
    namespaces = node.namespaces.values() if wanted is None else [wanted]
    return ";".join([*_rows(namespaces, in_base64=in_base64), *_rows_of_sets(namespaces)])


def _rows(namespaces: Iterable[Namespace], *, in_base64: bool) -> list[str]:
    return [
        _row(namespace.name, index, in_base64=in_base64)
        for namespace in namespaces
        for index in namespace.indexes.all
    ]


def _row(namespace: str, index: Index, *, in_base64: bool) -> str:
    definition = index.definition
    path, expression = definition.context, definition.expression
    values = {
        "ns": namespace,
        "indexname": definition.name,
        "set": _text(definition.set_name) or "null",
        "bin": _text(definition.bin_name) or "null",
        "type": _KIND_NAMES[definition.kind],
        "indextype": _COLLECTION_NAMES[definition.collection],
        "context": "null" if path is None else _base64(path) if in_base64 else path_text(path),
        "exp": "null" if expression is None else _base64(expression) if in_base64 else expression_text(expression),
        "state": "RW" if index.is_readable else "WO",
    }
    return ":".join(f"{name}={value}" for name, value in values.items())


def _rows_of_sets(namespaces: Iterable[Namespace]) -> list[str]:
    return [
        f"ns={namespace.name}:indexname={definition.name}:set={_text(definition.set_name)}:indextype=set"
        for namespace in namespaces
        for definition in (index.definition for index in namespace.indexes)
        if definition.collection is Collection.SET
    ]


def _statistics(node: NodeView, session: Session, params: Params) -> str:
    name = params.required("indexname", limit=_MAX_NAME)
    return _statistics_of(params.namespace(node, "ns"), name)


def _statistics_of(namespace: Namespace, name: str) -> str:
    index = namespace.indexes.named(name)
    if index is None:
        raise InfoError(ResultCode.INDEX_NOT_FOUND, "no index")
    set_name = index.definition.set_name
    if index.definition.collection is Collection.SET:
        entries = namespace.sets.get(set_name, 0)
        return f"entries={entries};used_bytes={_BYTES_OF_A_SET_ENTRY * entries};load_pct=100"
    keys, records = index.cardinality()
    done = 100 if index.is_readable else min(99, 100 * index.done // N_PARTITIONS)
    return (
        f"entries={len(index)};used_bytes={_ALLOTTED};entries_per_bval={_share(len(index), keys)};"
        f"entries_per_rec={_share(len(index), records)};load_pct={done};load_time={index.load_ms};stat_gc_recs=0"
    )


def _share(total: int, parts: int) -> int:
    return (total + parts // 2) // parts if parts else 0


def _legacy(node: NodeView, session: Session, params: Params) -> str:
    name, _, index = params.text.partition("/")
    if name and name not in node.namespaces:
        raise InfoError(ResultCode.NAMESPACE, "namespace not found on node")
    if index:
        return _statistics_of(node.namespaces[name], index)
    namespaces = [node.namespaces[name]] if name else node.namespaces.values()
    return ";".join(_rows(namespaces, in_base64=False))


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()


COMMANDS: dict[str, Command] = {
    "sindex": _legacy,
    "sindex-create": _create,
    "sindex-delete": _delete,
    "sindex-exists": _exists,
    "sindex-list": _list,
    "sindex-stat": _statistics,
}
"""Answers by command name."""
