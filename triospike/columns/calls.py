"""Records as columns: the functions that programs call. They load NumPy and Arrow when they need them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from .batches import Batches, Source
from .rows import Absent, Row

if TYPE_CHECKING:
    import pyarrow as pa

    from .structured import Structured, StructuredArray
    from .tables import Tables

__all__ = ["arrow_batches", "arrow_table", "numpy_array", "numpy_batches"]

CHUNK = 10_000
"""Rows of a batch, where the caller does not say."""


def numpy_array(
    rows: Iterable[Row],
    dtype: Any = None,
    *,
    metadata: Sequence[str] | Mapping[str, str] = (),
    defaults: Mapping[str, Any] | None = None,
    absent: Absent = "keep",
) -> StructuredArray:
    """Make a structured array of records that are here: what `Client.batch_get` returns, a list from a query.

    The array is a masked one, masked where a value is missing. Nothing is cut, parsed or rounded to fit, except in
    columns of float32 and float16; what does not fit raises.

    Args:
        rows: Records, results of a batch, or None.
        dtype: The columns, a structured dtype: each field is a bin, or a column named in ``metadata``; bins that
            are no field are left out. A field with a shape takes lists of that shape. None takes all bins:
            int64, float64 and bool where all values are of that kind, else objects.
        metadata: Columns of what is no bin: "key", "digest", "set", "namespace", "generation", "ttl"; as a
            mapping, name of each column to one of these.
        defaults: Name of a column to what stands for a missing value there, instead of the mask.
        absent: Rows without a record: "keep" keeps them, with everything missing, so that row n is of key n;
            "skip" leaves them out.

    Raises:
        ImportError: There is no NumPy; the extra ``numpy`` brings it.
        ValueError: A value does not fit its column; the message names the record, the column and the value.
    """
    return _structured(dtype, metadata, defaults, absent)(list(rows))


def numpy_batches(
    source: Source,
    dtype: Any = None,
    *,
    chunk: int = CHUNK,
    metadata: Sequence[str] | Mapping[str, str] = (),
    defaults: Mapping[str, Any] | None = None,
    absent: Absent = "keep",
) -> Batches[StructuredArray]:
    """Make structured arrays of records that stream in, for ``async for``.

    Memory holds one batch at a time. All arrays have the same dtype; see `numpy_array` for what is in them.

    Args:
        source: The results of a query, or anything that gives records, or lists of them, by ``async for``.
        dtype: The columns. None takes the bins of the first batch; a later record with another bin, or with a
            value that does not fit, raises.
        chunk: Rows of an array; the last may have fewer.
        metadata: Columns of what is no bin.
        defaults: What stands for missing values.
        absent: What becomes of rows without a record.

    Raises:
        ImportError: There is no NumPy; the extra ``numpy`` brings it.
    """
    return Batches(source, chunk, _structured(dtype, metadata, defaults, absent))


def arrow_table(
    rows: Iterable[Row],
    schema: pa.Schema | None = None,
    *,
    metadata: Sequence[str] | Mapping[str, str] = (),
    defaults: Mapping[str, Any] | None = None,
    absent: Absent = "keep",
) -> pa.Table:
    """Make an Arrow table of records that are here: what `Client.batch_get` returns, a list from a query.

    Missing values are null. Nothing is cut, parsed or rounded to fit, except in columns of float32 and float16;
    what does not fit raises.

    Args:
        rows: Records, results of a batch, or None.
        schema: The columns: each field is a bin, or a column named in ``metadata``; bins that are no field are
            left out. None takes all bins, with types that all their values have: lists as lists, maps as maps,
            GeoJSON as text, sketches as bytes.
        metadata: Columns of what is no bin: "key", "digest", "set", "namespace", "generation", "ttl"; as a
            mapping, name of each column to one of these.
        defaults: Name of a column to what stands for a missing value there, instead of null.
        absent: Rows without a record: "keep" keeps them, with everything null, so that row n is of key n; "skip"
            leaves them out.

    Raises:
        ImportError: There is no pyarrow; the extra ``arrow`` brings it.
        ValueError: A value does not fit its column, or there is none in a column that is not nullable; the message
            names the record, the column and the value.
    """
    make = _tables(schema, metadata, defaults, absent)
    batch = make(list(rows))
    import pyarrow as pa

    return pa.Table.from_batches([batch])


def arrow_batches(
    source: Source,
    schema: pa.Schema | None = None,
    *,
    chunk: int = CHUNK,
    metadata: Sequence[str] | Mapping[str, str] = (),
    defaults: Mapping[str, Any] | None = None,
    absent: Absent = "keep",
) -> Batches[pa.RecordBatch]:
    """Make record batches of records that stream in, for ``async for``.

    Memory holds one batch at a time. All batches have the same schema; see `arrow_table` for what is in them.

    Args:
        source: The results of a query, or anything that gives records, or lists of them, by ``async for``.
        schema: The columns. None takes the bins of the first batch; a later record with another bin, or with a
            value that does not fit, raises.
        chunk: Rows of a batch; the last may have fewer.
        metadata: Columns of what is no bin.
        defaults: What stands for missing values.
        absent: What becomes of rows without a record.

    Raises:
        ImportError: There is no pyarrow; the extra ``arrow`` brings it.
    """
    return Batches(source, chunk, _tables(schema, metadata, defaults, absent))


def _structured(
    dtype: Any, metadata: Sequence[str] | Mapping[str, str], defaults: Mapping[str, Any] | None, absent: Absent
) -> Structured:
    try:
        from .structured import Structured
    except ImportError as error:
        raise ImportError("arrays need NumPy: pip install 'triospike[numpy]'", name="numpy") from error
    return Structured(dtype, metadata, defaults, absent)


def _tables(
    schema: pa.Schema | None,
    metadata: Sequence[str] | Mapping[str, str],
    defaults: Mapping[str, Any] | None,
    absent: Absent,
) -> Tables:
    try:
        from .tables import Tables
    except ImportError as error:
        raise ImportError("tables need pyarrow: pip install 'triospike[arrow]'", name="pyarrow") from error
    return Tables(schema, metadata, defaults, absent)
