"""Records as they arrive, in the three forms that verbs print: a table, JSON lines, CSV."""

from __future__ import annotations

import csv
import json
import sys
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any

from rich.cells import cell_len, set_cell_size
from rich.text import Text

from ..key import Key
from ..record import Record
from .render import console, plural
from .tables import Form
from .values import to_json

__all__ = ["CsvRecords", "JsonRecords", "RecordWriter", "TableRecords", "cell", "record_as_json", "record_writer"]

PAGE = 100
"""Records of a table that are looked at together for the width of its columns."""
WIDEST = 60
"""Most cells of a column, where not all columns fit."""
CSV_LOOKED_AT = 1_000
"""Records that are looked at for the columns of CSV, where no bins are named."""


def record_as_json(key: Key, record: Record | None, *, exact: bool = False) -> dict[str, Any]:
    """A record as what `json.dumps` takes.

    Args:
        key: Its key.
        record: The record; None if there is none, whose bins are null then.
        exact: So that it can be read back as it was: see `to_json`.
    """
    return {
        "set": key.set_name,
        "key": to_json(key.user_key),
        "digest": key.digest.hex(),
        "generation": record and record.generation,
        "ttl": record and record.ttl,
        "bins": record and {name: to_json(value, exact=exact) for name, value in record.bins.items()},
    }


def cell(value: object) -> str:
    """A value in a table or in CSV: text as it is, unless one could take it for something else; others as JSON."""
    if value is None:
        return ""
    if isinstance(value, str) and value.isprintable() and value and not _looks_like_json(value):
        return value
    return json.dumps(to_json(value), ensure_ascii=False)


def _looks_like_json(text: str) -> bool:
    """Read by `json.loads` it would be something else than an error."""
    if text[0] not in '"[{-0123456789tfnIN':
        return False
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


class RecordWriter(ABC):
    """Writes records to stdout, one after the other."""

    def __init__(self) -> None:
        self.count = 0

    def add(self, key: Key, record: Record | None) -> None:
        """Take a record; it may be written later.

        Args:
            key: Its key.
            record: None if there is none.
        """
        self.count += 1
        self._write(key, record)

    @abstractmethod
    def _write(self, key: Key, record: Record | None) -> None: ...

    @property
    @abstractmethod
    def waiting(self) -> int:
        """Records taken and not written yet."""

    @abstractmethod
    def flush(self) -> None:
        """Write what was taken."""

    def finish(self) -> str | None:
        """Write the rest.

        Returns:
            What went wrong with all this, if anything.
        """
        self.flush()
        return None


class JsonRecords(RecordWriter):
    """Each record an object on a line of its own."""

    def __init__(self) -> None:
        super().__init__()
        self._lines: list[str] = []

    def _write(self, key: Key, record: Record | None) -> None:
        self._lines.append(json.dumps(record_as_json(key, record), ensure_ascii=False))

    @property
    def waiting(self) -> int:
        """Records taken and not written yet."""
        return len(self._lines)

    def flush(self) -> None:
        """Write what was taken."""
        if self._lines:
            sys.stdout.write("\n".join(self._lines) + "\n")
            sys.stdout.flush()
            self._lines.clear()


class CsvRecords(RecordWriter):
    """A line of names, then a line for each record.

    Args:
        bins: The columns for bins; None takes all bins that the first records have.
    """

    def __init__(self, bins: Sequence[str] | None) -> None:
        super().__init__()
        self._bins = None if bins is None else list(bins)
        self._waiting: list[tuple[Key, Record | None]] = []
        self._begun = False
        self._left_out: dict[str, int] = {}

    def _write(self, key: Key, record: Record | None) -> None:
        self._waiting.append((key, record))

    @property
    def waiting(self) -> int:
        """Records taken and not written yet; none as long as columns are looked for."""
        return len(self._waiting) if self._begun or len(self._waiting) >= CSV_LOOKED_AT else 0

    def flush(self) -> None:
        """Write what was taken, once the columns are known."""
        if self._bins is None:
            if len(self._waiting) < CSV_LOOKED_AT:
                return
            self._bins = self._found()
        self._write_waiting(self._bins)

    def _found(self) -> list[str]:
        return list(dict.fromkeys(name for _, record in self._waiting if record for name in record.bins))

    def _write_waiting(self, bins: list[str]) -> None:
        writer = csv.writer(sys.stdout, lineterminator="\n")
        if not self._begun:
            writer.writerow(["set", "key", "digest", "generation", "ttl", *bins])
            self._begun = True
        for key, record in self._waiting:
            head = [key.set_name, cell(key.user_key), key.digest.hex()]
            if record is None:
                writer.writerow(head + [""] * (2 + len(bins)))
                continue
            values = [_csv_value(record.bins.get(name)) for name in bins]
            writer.writerow([*head, record.generation, "" if record.ttl is None else record.ttl, *values])
            for name in record.bins.keys() - set(bins):
                self._left_out[name] = self._left_out.get(name, 0) + 1
        self._waiting.clear()
        sys.stdout.flush()

    def finish(self) -> str | None:
        """Write the rest; tell of bins for which there was no column."""
        self._write_waiting(self._found() if self._bins is None else self._bins)
        if not self._left_out:
            return None
        names = ", ".join(f"{name} ({plural(count, 'record')})" for name, count in sorted(self._left_out.items()))
        return f"bins without a column, left out: {names}; name the columns with --bins"


def _csv_value(value: object) -> str:
    """As in a table, but text is always as it is: CSV has quotes of its own."""
    return value if isinstance(value, str) else cell(value)


class TableRecords(RecordWriter):
    """A table in pages: as wide as the terminal, or as wide as it takes where there is none.

    Args:
        one_set: All records are of one set, so that it needs no column.
    """

    def __init__(self, one_set: bool) -> None:
        super().__init__()
        self._one_set = one_set
        self._waiting: list[tuple[Key, Record | None]] = []
        self._names: list[str] = []
        self._widths: list[int] = []

    def _write(self, key: Key, record: Record | None) -> None:
        self._waiting.append((key, record))

    @property
    def waiting(self) -> int:
        """Records taken and not written yet."""
        return len(self._waiting)

    def flush(self) -> None:
        """Print what was taken, under a new line of names if there are bins without a column."""
        while self._waiting:
            page, self._waiting = self._waiting[:PAGE], self._waiting[PAGE:]
            self._print(page)

    def _print(self, page: list[tuple[Key, Record | None]]) -> None:
        out = console()
        names = list(dict.fromkeys(name for _, record in page if record for name in record.bins))
        fresh = not self._widths or not set(names) <= set(self._names)
        if fresh:
            self._names += [name for name in names if name not in self._names]
        head = [*([] if self._one_set else ["set"]), "key", *self._names, "gen", "ttl"]
        rows = [self._row(key, record) for key, record in page]
        if fresh:
            if self._widths:
                out.print()
            self._widths = _widths([head, *rows], out.width if out.is_terminal else None)
            out.print(Text(self._line(head, cut=False), "dim"), soft_wrap=True)
        for row, (_, record) in zip(rows, page, strict=True):
            line = Text(self._line(row, cut=out.is_terminal), "dim" if record is None else "")
            out.print(line, soft_wrap=True)
        out.file.flush()

    def _row(self, key: Key, record: Record | None) -> list[str]:
        shown = cell(key.user_key) if key.user_key is not None else f"digest {key.digest.hex()}"
        head = [shown] if self._one_set else [key.set_name or "-", shown]
        if record is None:
            return [*head, *("" for _ in self._names), "-", "not found"]
        ttl = "never" if record.ttl is None else f"{record.ttl} s"
        return [*head, *(cell(record.bins.get(name)) for name in self._names), str(record.generation), ttl]

    def _line(self, cells: list[str], *, cut: bool) -> str:
        return "  ".join(
            _fitted(text, width, cut) for text, width in zip(cells, self._widths, strict=True)
        ).rstrip()


def _fitted(text: str, width: int, cut: bool) -> str:
    length = cell_len(text)
    if length <= width:
        return text + " " * (width - length)
    return set_cell_size(text, width - 1) + "…" if cut else text


def _widths(rows: list[list[str]], room: int | None) -> list[int]:
    """The width of each column; the widest give way until all fit the room."""
    widths = [max(1, *map(cell_len, column)) for column in zip(*rows, strict=True)]
    if room is None:
        return [min(width, WIDEST) for width in widths]
    over = sum(widths) + 2 * (len(widths) - 1) - room
    while over > 0 and max(widths) > 6:
        widest = widths.index(max(widths))
        second = max((width for width in widths if width < widths[widest]), default=6)
        less = max(1, min(over, widths[widest] - max(second, 6)))
        widths[widest] -= less
        over -= less
    return widths


def record_writer(form: Form, bins: Sequence[str] | None, *, one_set: bool) -> RecordWriter:
    """What prints records in a form.

    Args:
        form: Table, JSON or CSV.
        bins: The bins that are read; None for all.
        one_set: All records are of one set.
    """
    if form is Form.JSON:
        return JsonRecords()
    return CsvRecords(bins) if form is Form.CSV else TableRecords(one_set)
