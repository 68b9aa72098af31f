"""Rows of what the servers tell, in the three forms that verbs print: a table, JSON lines, CSV."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import Enum
from functools import wraps
from typing import Any

import attrs
import click
from rich.table import Table
from rich.text import Text

from .render import console, number

__all__ = ["Column", "Form", "form_option", "show_rows"]


class Form(Enum):
    """How a verb prints what it found."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"


@attrs.frozen
class Column:
    """A column of a table.

    Attributes:
        name: Of the field of each row, as it is in JSON and CSV.
        title: For people; None takes the name.
        show: What people see of a value; None shows it as it is, numbers with thousands separated.
    """

    name: str
    title: str | None = None
    show: Callable[[Any], str] | None = None

    def cell(self, value: Any) -> str:
        """What people see of a value."""
        if value is None:
            return "-"
        if self.show is not None:
            return self.show(value)
        if isinstance(value, bool):
            return "yes" if value else "no"
        if isinstance(value, int):
            return number(value)
        if isinstance(value, list | tuple):
            return " ".join(map(str, value)) or "-"
        return str(value)


def form_option(function: Callable[..., None]) -> Callable[..., None]:
    """Give a verb --json and --csv; it gets a `Form`."""

    @click.option("--json", "form", flag_value="json", help="Print JSON objects, each on a line of its own.")
    @click.option("--csv", "form", flag_value="csv", help="Print CSV with a line of names at the top.")
    @wraps(function)
    def with_form(*args: Any, form: str | None, **options: Any) -> None:
        function(*args, form=Form(form or "table"), **options)

    return with_form


def show_rows(
    form: Form,
    columns: Sequence[Column],
    rows: Iterable[Mapping[str, Any]],
    nothing: str,
    *,
    table: Sequence[Column] | None = None,
) -> None:
    """Print rows.

    Args:
        form: How.
        columns: Their columns, in this order.
        rows: Name of each column to a value that JSON has.
        nothing: What to tell people when there are no rows.
        table: Columns of the table for people, which has to fit a terminal; None takes the same.
    """
    if form is Form.TABLE:
        _show_table(table or columns, list(rows), nothing)
    elif form is Form.JSON:
        for row in rows:
            click.echo(json.dumps({column.name: row[column.name] for column in columns}, ensure_ascii=False))
    else:
        writer = csv.writer(sys.stdout, lineterminator="\n")
        writer.writerow([column.name for column in columns])
        writer.writerows([_csv_cell(row[column.name]) for column in columns] for row in rows)
        sys.stdout.flush()


def _csv_cell(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return " ".join(map(str, value))
    return str(value).lower() if isinstance(value, bool) else value


def _show_table(columns: Sequence[Column], rows: Sequence[Mapping[str, Any]], nothing: str) -> None:
    out = console()
    if not rows:
        out.print(nothing, style="dim", markup=False)
        return
    if not out.is_terminal:
        out.width = 500  # cut nothing off that goes to a file or another program
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for index, column in enumerate(columns):
        numeric = _are_numbers([row[column.name] for row in rows if row[column.name] is not None])
        table.add_column(
            column.title or column.name, justify="right" if numeric else "left", overflow="fold", no_wrap=not index
        )
    for row in rows:
        table.add_row(*(Text(column.cell(row[column.name])) for column in columns))
    out.print(table)


def _are_numbers(values: list[Any]) -> bool:
    numbers = [isinstance(value, int | float) and not isinstance(value, bool) for value in values]
    return bool(numbers) and all(numbers)
