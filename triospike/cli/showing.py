"""Run a scan or query and print its records as they arrive, with a bar where that does not get in the way."""

from __future__ import annotations

import click
import trio

import triospike

from .progress import Standing, open_bar
from .reading import Reading
from .records_view import PAGE, RecordWriter, record_writer
from .render import console, note, number, plural
from .tables import Form

__all__ = ["Estimate", "show_records"]

INTERVAL = 0.25
"""Seconds that a record waits to be printed with others, as long as others arrive."""


async def show_records(
    client: triospike.Client,
    statement: triospike.Statement,
    reading: Reading,
    policy: triospike.QueryPolicy,
    form: Form,
) -> None:
    """Print the records of a statement.

    Args:
        client: Of the cluster.
        statement: What to ask for.
        reading: What the user wants.
        policy: How to ask.
        form: How to print.

    Raises:
        click.ClickException: They could not all be printed.
    """
    writer = record_writer(form, reading.bins, one_set=bool(reading.set_name))
    async with client.query(statement, partitions=reading.partition_filter(), policy=policy) as records:
        await _print_all(records, writer, f"reading {reading.place}")
    complaint = writer.finish()
    if form is Form.TABLE:
        note(plural(writer.count, "record") + (", the limit" if 0 < writer.count == reading.limit else ""))
    if complaint is not None:
        raise click.ClickException(complaint)


async def _print_all(records: triospike.QueryRecords, writer: RecordWriter, title: str) -> None:
    same_screen = console().is_terminal
    flushed = trio.current_time()
    async with open_bar(title, Estimate(records)) as bar:
        async for record in records:
            writer.add(record.key, record)
            now = trio.current_time()
            if writer.waiting < PAGE and now - flushed < INTERVAL:
                continue
            flushed = now
            if not same_screen:
                writer.flush()
            elif writer.waiting:
                with bar.away():
                    writer.flush()


class Estimate:
    """How far a scan is, for a bar.

    Servers say that partitions are done only when all of a node's are. Until then the partitions that records came
    from tell: each node goes through its own in the order of their numbers, so that their mean is half of where it
    is. That holds for many nodes and for records that are few and far between alike.

    Args:
        records: The scan.
    """

    def __init__(self, records: triospike.QueryRecords) -> None:
        self._records = records
        self._most = 0.0

    def __call__(self) -> Standing:
        """What to show now; the share never goes back."""
        cursor = self._records.cursor()
        seen = cursor.finished | cursor.points.keys()
        if cursor.done:
            self._most = 1.0
        elif seen:
            mean = (sum(seen) / len(seen) - cursor.begin + 0.5) / cursor.count
            self._most = max(self._most, min(2 * mean, 0.99), len(cursor.finished) / cursor.count)
        text = f"{number(self._most * cursor.count)}/{number(cursor.count)} partitions"
        return Standing(self._most, f"{text}, {plural(cursor.records, 'record')}")
