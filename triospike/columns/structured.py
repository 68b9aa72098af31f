"""Records as structured arrays of NumPy, masked where a value is missing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np

from ..values import HLL, GeoJSON
from .rows import Absent, Row, Rows, checked_defaults, checked_metadata

__all__ = ["Structured", "StructuredArray"]

StructuredArray: TypeAlias = "np.ma.MaskedArray[Any, np.dtype[np.void]]"

_METADATA: dict[str, Any] = {
    "key": np.dtype("O"),
    "digest": np.dtype("V20"),
    "set": np.dtype("O"),
    "namespace": np.dtype("O"),
    "generation": np.dtype("i4"),
    "ttl": np.dtype("i4"),
}
_EXACT = 2**53
_PLACEHOLDERS: dict[str, Any] = {
    "i": 0,
    "u": 0,
    "f": 0.0,
    "b": False,
    "U": "",
    "S": b"",
    "M": 0,
    "m": 0,
    "O": None,
}


class Structured:
    """Makes structured arrays of rows; all of the same dtype.

    Args:
        dtype: The columns, a structured dtype: each field is a bin, or a column named in ``metadata``. None takes
            the bins of the first rows: int64, float64 and bool where all values are, else objects; all rows after
            that have to fit.
        metadata: Columns of what is no bin: name to "key", "digest", "set", "namespace", "generation" or "ttl".
        defaults: Name of a column to what stands for a missing value there.
        absent: Whether rows without a record are kept.
    """

    def __init__(
        self,
        dtype: Any,
        metadata: Sequence[str] | Mapping[str, str],
        defaults: Mapping[str, Any] | None,
        absent: Absent,
    ) -> None:
        self._metadata = checked_metadata(metadata)
        self._asked_defaults = defaults
        self._absent = absent
        self._inferred = dtype is None
        self._dtype: np.dtype[Any] | None = None
        if dtype is not None:
            self._settle(self._with_metadata(np.dtype(dtype)))

    def _settle(self, dtype: np.dtype[Any]) -> None:
        self._defaults = checked_defaults(self._asked_defaults, dtype.names or ())
        self._dtype = dtype

    def _with_metadata(self, dtype: np.dtype[Any]) -> np.dtype[Any]:
        """The dtype, with the columns of metadata put to it that it does not have."""
        if dtype.names is None or dtype.fields is None:
            raise TypeError(f"dtype must be a structured one, like [('age', 'i4')], not {dtype}")
        more = [(name, _METADATA[what]) for name, what in self._metadata.items() if name not in dtype.names]
        return np.dtype([*((name, dtype.fields[name][0]) for name in dtype.names), *more])

    def __call__(self, rows: Sequence[Row]) -> StructuredArray:
        """The array of some rows.

        Raises:
            ValueError: A value does not fit its column; the message names both.
        """
        found = Rows(rows, self._absent)
        if self._dtype is None:
            self._settle(self._with_metadata(self._infer(found)))
        dtype = self._dtype
        assert dtype is not None
        assert dtype.names is not None
        assert dtype.fields is not None
        if self._inferred:
            unknown = set(found.bin_names()) - set(dtype.names)
            if unknown:
                raise ValueError(
                    f"bin {min(unknown)!r} is not in the first rows, which the dtype is made of: pass one"
                )
        data = np.zeros(len(found), dtype)
        mask = np.zeros(len(found), np.ma.make_mask_descr(dtype))
        for name in dtype.names:
            of_type = dtype.fields[name][0]
            what = self._metadata.get(name)
            values = found.bin(name) if what is None else found.metadata(what)
            self._fill(data, mask, name, of_type, values, found)
        return np.ma.MaskedArray(data, mask=mask)

    def _infer(self, rows: Rows) -> np.dtype[Any]:
        names = rows.bin_names()
        taken = [name for name in names if name in self._metadata]
        if taken:
            raise ValueError(f"{taken[0]!r} is a bin; give the column of metadata another name")
        return np.dtype([(name, _inferred(rows.bin(name))) for name in names])

    def _fill(
        self, data: Any, mask: Any, name: str, of_type: np.dtype[Any], values: list[Any], rows: Rows
    ) -> None:
        """Put the values of a column in their places."""
        if None in values:
            missing = [value is None for value in values]
            if name in self._defaults:
                stand_in = self._defaults[name]
            else:
                mask[name] = np.array(missing).reshape(-1, *[1] * len(of_type.shape))
                stand_in = _placeholder(of_type)
            values = [stand_in if gone else value for value, gone in zip(values, missing, strict=True)]
        try:
            data[name] = _converted(values, of_type)
        except (ValueError, TypeError, OverflowError, FloatingPointError) as error:
            raise ValueError(_culprit(name, of_type, values, rows) or f"column {name!r}: {error}") from error


def _inferred(values: list[Any]) -> np.dtype[Any]:
    kinds = set(map(type, values)) - {type(None)}
    if kinds == {bool}:
        return np.dtype("?")
    if kinds == {int}:
        return np.dtype("i8")
    if kinds and kinds <= {int, float} and all(abs(value) <= _EXACT for value in values if type(value) is int):
        return np.dtype("f8")
    return np.dtype("O")


def _placeholder(of_type: np.dtype[Any]) -> Any:
    """What stands behind the mask."""
    if of_type.shape:
        return np.zeros(of_type.shape, of_type.base).tolist()
    return bytes(of_type.itemsize) if of_type.kind == "V" else _PLACEHOLDERS.get(of_type.kind)


def _culprit(name: str, of_type: np.dtype[Any], values: list[Any], rows: Rows) -> str:
    """Which value does not fit, for people."""
    for row, value in enumerate(values):
        try:
            _converted([value], of_type)
        except (ValueError, TypeError, OverflowError, FloatingPointError) as error:
            return f"column {name!r} of {of_type}: {value!r:.80} of {rows.said(row)} does not fit: {error}"
    return ""


def _converted(values: list[Any], of_type: np.dtype[Any]) -> Any:
    """The values as NumPy wants them; nothing is rounded, cut or parsed on the way, but for float32 and float16.

    Raises:
        TypeError: A value is of another type.
        ValueError: A value can't be kept as it is.
        OverflowError: A number is too large.
        FloatingPointError: The same.
    """
    if of_type.shape:
        return _vectors(values, of_type)
    kind = of_type.kind
    if kind == "O":
        held = np.empty(len(values), "O")
        held[:] = values
        return held
    if kind in "iu":
        return _whole(values, of_type)
    if kind == "f":
        return _real(values, of_type)
    if kind in "Mm":
        return np.array(_of(values, {int}), "i8").astype(of_type)
    if kind == "b":
        return np.array(_of(values, {bool}), "?")
    if kind in "US":
        return _text(values, of_type)
    if kind == "V" and of_type.names is None:
        return _raw(values, of_type)
    raise TypeError(f"{of_type} is no type for values of bins")


def _of(values: list[Any], wanted: set[type]) -> list[Any]:
    kinds = set(map(type, values))
    if not kinds <= wanted:
        names = " or ".join(sorted(kind.__name__ for kind in wanted))
        raise TypeError(f"it must be of {names}, not {min(kind.__name__ for kind in kinds - wanted)}")
    return values


def _whole(values: list[Any], of_type: np.dtype[Any]) -> Any:
    made = np.array(_of(values, {int}), "i8")
    bounds = np.iinfo(of_type)
    if len(made) and not (bounds.min <= int(made.min()) and int(made.max()) <= bounds.max):
        raise OverflowError(f"it must be {bounds.min} to {bounds.max}")
    return made.astype(of_type)


def _real(values: list[Any], of_type: np.dtype[Any]) -> Any:
    if int in set(map(type, _of(values, {int, float}))):
        for value in values:
            if abs(value) > _EXACT and type(value) is int and int(float(value)) != value:
                raise ValueError("a float can't hold this int exactly")
    with np.errstate(over="raise"):
        return np.array(values, "f8").astype(of_type)


def _text(values: list[Any], of_type: np.dtype[Any]) -> Any:
    """Strings or bytes of a fixed width, which NumPy would cut, and whose NULs at the end it would lose."""
    is_text = of_type.kind == "U"
    if is_text:
        texts = _of([value.text if isinstance(value, GeoJSON) else value for value in values], {str})
    else:
        texts = _of([value.data if isinstance(value, HLL) else value for value in values], {bytes})
    width = of_type.itemsize // (4 if is_text else 1)
    if (longest := max(map(len, texts), default=0)) > width:
        raise ValueError(f"it is {longest} long, the column has room for {width}")
    end = "\0" if is_text else b"\0"
    if any(text[-1:] == end for text in texts):
        raise ValueError("it ends with a NUL, which such columns can't keep")
    return np.array(texts, of_type)


def _raw(values: list[Any], of_type: np.dtype[Any]) -> Any:
    for value in _of(values, {bytes}):
        if len(value) != of_type.itemsize:
            raise ValueError(f"it is {len(value)} bytes long, not {of_type.itemsize}")
    return np.frombuffer(b"".join(values), of_type)


def _vectors(values: list[Any], of_type: np.dtype[Any]) -> Any:
    """Lists of numbers, all of one shape."""
    for value in _of(values, {list}):
        if len(value) != of_type.shape[0]:
            raise ValueError(f"it has {len(value)} elements, not {of_type.shape[0]}")
    inner = np.dtype((of_type.base, of_type.shape[1:])) if len(of_type.shape) > 1 else of_type.base
    flat = [element for value in values for element in value]
    return _converted(flat, inner).reshape(len(values), *of_type.shape)
