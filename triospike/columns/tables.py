"""Records as Arrow's tables and record batches, null where a value is missing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pyarrow as pa
from pyarrow import types

from ..values import HLL, GeoJSON, KeyOrderedMap
from .rows import Absent, Row, Rows, checked_defaults, checked_metadata

__all__ = ["Tables"]

_NONE = type(None)
_METADATA: dict[str, Any] = {
    "digest": pa.binary(20),
    "set": pa.string(),
    "namespace": pa.string(),
    "generation": pa.int32(),
    "ttl": pa.int32(),
}
_ARROW_ERRORS = (pa.ArrowException, ValueError, TypeError, OverflowError)


class Tables:
    """Makes record batches of rows; all of the same schema.

    Args:
        schema: The columns, a ``pyarrow.Schema``: each field is a bin, or a column named in ``metadata``. None
            takes the bins of the first rows, with types that all their values have; all rows after them have to
            fit.
        metadata: Columns of what is no bin: name to "key", "digest", "set", "namespace", "generation" or "ttl".
        defaults: Name of a column to what stands for a missing value there.
        absent: Whether rows without a record are kept.
    """

    def __init__(
        self,
        schema: Any,
        metadata: Sequence[str] | Mapping[str, str],
        defaults: Mapping[str, Any] | None,
        absent: Absent,
    ) -> None:
        if not (schema is None or isinstance(schema, pa.Schema)):
            raise TypeError(f"schema must be a pyarrow.Schema, not {type(schema).__name__}")
        self._metadata = checked_metadata(metadata)
        self._asked_defaults = defaults
        self._absent = absent
        self._declared = schema
        self._schema: Any = None
        if schema is not None:
            checked_defaults(defaults, [*schema.names, *self._metadata])

    def __call__(self, rows: Sequence[Row]) -> Any:
        """The record batch of some rows.

        Raises:
            ValueError: A value does not fit its column; the message names both.
        """
        found = Rows(rows, self._absent)
        if self._schema is None:
            self._schema = self._settled(found)
        schema = self._schema
        if self._declared is None:
            unknown = set(found.bin_names()) - set(schema.names)
            if unknown:
                raise ValueError(
                    f"bin {min(unknown)!r} is not in the first rows, which the schema is made of: pass one"
                )
        return pa.RecordBatch.from_arrays([self._column(field, found) for field in schema], schema=schema)

    def _settled(self, rows: Rows) -> Any:
        """The schema, with types for what was not declared."""
        if self._declared is not None:
            fields = list(self._declared)
        else:
            fields = [pa.field(name, _inferred(name, rows.bin(name))) for name in rows.bin_names()]
        names = {field.name for field in fields}
        for name, what in self._metadata.items():
            if name not in names:
                of_type = _METADATA.get(what) or _inferred(name, rows.metadata(what))
                fields.append(pa.field(name, of_type))
            elif self._declared is None:
                raise ValueError(f"{name!r} is a bin; give the column of metadata another name")
        schema = pa.schema(fields, metadata=None if self._declared is None else self._declared.metadata)
        self._defaults = checked_defaults(self._asked_defaults, schema.names)
        return schema

    def _column(self, field: Any, rows: Rows) -> Any:
        name = field.name
        what = self._metadata.get(name)
        values = rows.bin(name) if what is None else rows.metadata(what)
        if name in self._defaults:
            values = [self._defaults[name] if value is None else value for value in values]
        if not field.nullable and None in (kinds := [None if value is None else True for value in values]):
            raise ValueError(
                f"column {name!r} is not nullable, and has no value in {rows.said(kinds.index(None))}"
            )
        try:
            return _array(values, field.type)
        except _ARROW_ERRORS as error:
            raise ValueError(
                _culprit(name, field.type, values, rows) or f"column {name!r}: {_first_line(error)}"
            ) from error


def _culprit(name: str, of_type: Any, values: list[Any], rows: Rows) -> str:
    """Which value does not fit, for people."""
    for row, value in enumerate(values):
        try:
            _array([value], of_type)
        except _ARROW_ERRORS as error:
            why = _first_line(error)
            return f"column {name!r} of {of_type}: {value!r:.80} of {rows.said(row)} does not fit: {why}"
    return ""


def _first_line(error: BaseException) -> str:
    return str(error).partition("\n")[0]


def _array(values: list[Any], of_type: Any) -> Any:
    """The values as Arrow has them. It would take more than it should, so types are looked at first.

    Raises:
        TypeError: A value is of another type.
        ValueError: A value can't be kept as it is.
    """
    wanted = _plain_types(of_type)
    if wanted is None or not set(map(type, values)) <= wanted:
        values = [_prepared(value, of_type) for value in values]
    return pa.array(values, type=of_type)


def _plain_types(of_type: Any) -> frozenset[type] | None:
    """The types that need no preparation; None where each value has to be looked at."""
    for holds, wanted in _LEAVES:
        if holds(of_type):
            return wanted
    return None


_INT: frozenset[type] = frozenset({int, _NONE})
_FLOAT: frozenset[type] = frozenset({int, float, _NONE})
_BOOL: frozenset[type] = frozenset({bool, _NONE})
_STR: frozenset[type] = frozenset({str, _NONE})
_BYTES: frozenset[type] = frozenset({bytes, _NONE})


def _is_text(of_type: Any) -> bool:
    return bool(types.is_string(of_type) or types.is_large_string(of_type) or types.is_string_view(of_type))


def _is_bytes(of_type: Any) -> bool:
    return bool(
        types.is_binary(of_type)
        or types.is_large_binary(of_type)
        or types.is_fixed_size_binary(of_type)
        or types.is_binary_view(of_type)
    )


def _is_list(of_type: Any) -> bool:
    return bool(types.is_list(of_type) or types.is_large_list(of_type) or types.is_fixed_size_list(of_type))


_LEAVES: tuple[tuple[Callable[[Any], bool], frozenset[type]], ...] = (
    (types.is_integer, _INT),
    (types.is_temporal, _INT),
    (types.is_floating, _FLOAT),
    (types.is_boolean, _BOOL),
    (_is_text, _STR),
    (_is_bytes, _BYTES),
)


def _prepared(value: Any, of_type: Any) -> Any:
    """A value in the form that Arrow takes, all the way down."""
    if value is None:
        return None
    if types.is_dictionary(of_type):
        return _prepared(value, of_type.value_type)
    wanted = _plain_types(of_type)
    if wanted is not None:
        return _leaf(value, wanted)
    if _is_list(of_type) and isinstance(value, list | tuple):
        return [_prepared(element, of_type.value_type) for element in value]
    if types.is_map(of_type) and isinstance(value, dict):
        return [
            (_prepared(key, of_type.key_type), _prepared(item, of_type.item_type)) for key, item in value.items()
        ]
    if types.is_struct(of_type) and isinstance(value, dict):
        fields = [of_type.field(number) for number in range(of_type.num_fields)]
        return {field.name: _prepared(value.get(field.name), field.type) for field in fields}
    raise TypeError(f"a {type(value).__name__} is no {of_type}")


def _leaf(value: Any, wanted: frozenset[type]) -> Any:
    if isinstance(value, GeoJSON):
        value = value.text
    elif isinstance(value, HLL):
        value = value.data
    if type(value) not in wanted:
        names = " or ".join(sorted(kind.__name__ for kind in wanted - {_NONE}))
        raise TypeError(f"it must be of {names}, not {type(value).__name__}")
    return value


# Inference.


def _inferred(name: str, values: list[Any]) -> Any:
    """The type that all values have.

    Raises:
        ValueError: They have none in common, or none at all.
    """
    kinds = set(map(type, values)) - {_NONE}
    if not kinds:
        return pa.null()
    for common, of_type in _COMMON:
        if kinds <= common:
            return of_type
    if kinds <= {list}:
        return pa.list_(_inferred(name, [element for value in values if value is not None for element in value]))
    if kinds <= {dict, KeyOrderedMap}:
        maps = [value for value in values if value is not None]
        keys = _inferred(name, [key for value in maps for key in value])
        return pa.map_(keys, _inferred(name, [item for value in maps for item in value.values()]))
    listed = ", ".join(sorted(kind.__name__ for kind in kinds))
    raise ValueError(
        f"column {name!r} has values of no common type: {listed}; pass a schema, with the bin or without"
    )


_COMMON: tuple[tuple[set[type], Any], ...] = (
    ({bool}, pa.bool_()),
    ({int}, pa.int64()),
    ({int, float}, pa.float64()),
    ({str, GeoJSON}, pa.string()),
    ({bytes, HLL}, pa.binary()),
)
