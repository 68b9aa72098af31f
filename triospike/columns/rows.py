"""Records as rows, and what they have for one column. Neither NumPy nor Arrow is needed here."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final, Literal, TypeAlias

from ..batch import BatchResult
from ..key import Key
from ..record import Record

__all__ = ["Absent", "Row", "Rows", "checked_defaults", "checked_metadata"]

Row: TypeAlias = Record | BatchResult | None
"""A record, the result of a batch's row, or None where a key had no record."""
Absent: TypeAlias = Literal["keep", "skip"]

_FROM_KEY: Final[dict[str, Callable[[Key], Any]]] = {
    "key": lambda key: key.user_key,
    "digest": lambda key: key.digest,
    "set": lambda key: key.set_name or None,
    "namespace": lambda key: key.namespace,
}
_FROM_RECORD: Final[dict[str, Callable[[Record], Any]]] = {
    "generation": lambda record: record.generation,
    "ttl": lambda record: record.ttl,
}
_METADATA: Final = (*_FROM_KEY, *_FROM_RECORD)


class Rows:
    """A number of rows, asked column by column. What is missing is None.

    Args:
        rows: Records, results of a batch, or None.
        absent: Whether rows without a record are kept, with everything missing, or left out.
    """

    __slots__ = ("_keys", "_records")

    def __init__(self, rows: Iterable[Row], absent: Absent) -> None:
        if absent not in {"keep", "skip"}:
            raise ValueError(f"absent must be 'keep' or 'skip', not {absent!r}")
        self._keys: list[Key | None] = []
        self._records: list[Record | None] = []
        for row in rows:
            record = row.record if isinstance(row, BatchResult) else row
            if record is None and absent == "skip":
                continue
            if not (record is None or isinstance(record, Record)):
                raise TypeError(f"rows must be records, results of a batch, or None, not {type(record).__name__}")
            self._records.append(record)
            self._keys.append(None if row is None else row.key)

    def __len__(self) -> int:
        return len(self._records)

    def bin_names(self) -> list[str]:
        """The names of all bins, in the order of their first appearance."""
        return list({name: None for record in self._records if record is not None for name in record.bins})

    def bin(self, name: str) -> list[Any]:
        """Each row's value of a bin."""
        return [None if record is None else record.bins.get(name) for record in self._records]

    def metadata(self, what: str) -> list[Any]:
        """Each row's "key", "digest", "set", "namespace", "generation" or "ttl"."""
        if what in _FROM_KEY:
            of_key = _FROM_KEY[what]
            return [None if key is None else of_key(key) for key in self._keys]
        of_record = _FROM_RECORD[what]
        return [None if record is None else of_record(record) for record in self._records]

    def said(self, row: int) -> str:
        """A row, for messages."""
        key = self._keys[row]
        return f"row {row}" if key is None else f"row {row}, {key!r}"


def checked_metadata(metadata: Sequence[str] | Mapping[str, str]) -> dict[str, str]:
    """Name of each column to what of the record it holds.

    Raises:
        TypeError: It is one str.
        ValueError: Records do not have that.
    """
    if isinstance(metadata, str):
        raise TypeError("metadata must be a sequence of names or a mapping, not one str")
    named = dict(metadata) if isinstance(metadata, Mapping) else {name: name for name in metadata}
    for what in named.values():
        if what not in _METADATA:
            raise ValueError(f"metadata must be of {', '.join(_METADATA)}, not {what!r}")
    return named


def checked_defaults(defaults: Mapping[str, Any] | None, columns: Iterable[str]) -> dict[str, Any]:
    """The defaults, each of a column that there is, and none of them None.

    Raises:
        ValueError: There is no such column, or the default is None.
    """
    known = set(columns)
    for name, value in (defaults or {}).items():
        if name not in known:
            raise ValueError(f"defaults name {name!r}, which is no column; there are {', '.join(sorted(known))}")
        if value is None:
            raise ValueError(f"the default of {name!r} is None, which is what missing values are without one")
    return dict(defaults or {})
