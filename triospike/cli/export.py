"""Write a set to a file, and go on where an earlier run was interrupted."""

from __future__ import annotations

import base64
import os
import sys
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

import attrs
import click
import trio

import triospike

from ..clock import wall_clock
from .options import example
from .portable import record_to_line
from .progress import open_bar
from .reading import Reading, reading_options
from .render import note, number, plural
from .resuming import Progressed, StateFile, check_begin
from .showing import Estimate
from .targets import Target, run, target_options

__all__ = ["export"]

SAVE_INTERVAL = 1.0
"""Seconds between two notes of how far it is."""
LINES = 500
"""Lines that are written to the file at once."""


@click.command(
    epilog=example(
        "triospike export --host db1:3000 test users -o users.jsonl",
        "triospike export --host db1:3000 test users -o users.jsonl --resume",
        "triospike export --host db1:3000 test users | gzip > users.jsonl.gz",
    )
)
@target_options(timeout=0.0, of="What the whole export may take")
@reading_options
@click.option(
    "-o", "--output", metavar="FILE", type=click.Path(dir_okay=False, path_type=Path), help="Default: stdout."
)
@click.option("--resume", is_flag=True, help="Go on with an interrupted export to FILE.")
@click.option("--overwrite", is_flag=True, help="Replace FILE if it is there.")
@click.option("--packed", is_flag=True, help="Leave lists and maps packed: exact to the last flag, not readable.")
def export(
    target: Target, reading: Reading, output: Path | None, resume: bool, overwrite: bool, packed: bool
) -> None:
    """Write the records of a set, or of a whole namespace, as lines of JSON that `triospike import` reads.

    Values that JSON lacks are tagged, as `triospike get` shows them. An interrupted export to a FILE leaves
    FILE.export-state beside it; with --resume and otherwise the same options it goes on there, and each record is
    in FILE once.
    """
    if output is None:
        if resume or overwrite:
            raise click.UsageError("--resume and --overwrite need an --output")
        run(partial(_export, target, Work(reading, packed, None, None, resume=False)))
        return
    if resume and overwrite:
        raise click.UsageError("--resume goes on with FILE, --overwrite replaces it: give one of them")
    state = StateFile(output, ".export-state", _job(reading, packed))
    check_begin(state, resume=resume, anew=overwrite, option="--overwrite")
    if output.exists() and not resume and not overwrite:
        raise click.ClickException(f"{output} is there already: --overwrite replaces it")
    run(partial(_export, target, Work(reading, packed, output, state, resume=resume)))


def _job(reading: Reading, packed: bool) -> dict[str, Any]:
    """What must be the same when it goes on."""
    return {
        "namespace": reading.namespace,
        "set": reading.set_name,
        "bins": None if reading.bins is None else list(reading.bins),
        "where": [str(condition) for condition in reading.conditions],
        "filter": reading.filter_bytes and reading.filter_bytes.hex(),
        "partitions": reading.partitions and list(reading.partitions),
        "packed": packed,
    }


@attrs.define
class Work:
    """An export.

    Attributes:
        reading: Which records.
        packed: Leave lists and maps packed.
        output: Where to; None is stdout.
        state: Notes of how far it is; None for stdout.
        resume: Go on with an earlier run.
        records: Records in the output.
        offset: Bytes in the output.
        noted: Records of which there is a note.
        finished: All of it is done.
    """

    reading: Reading
    packed: bool
    output: Path | None
    state: StateFile | None
    resume: bool = attrs.field(kw_only=True)
    records: int = 0
    offset: int = 0
    noted: int = 0
    finished: bool = False

    def begin(self) -> triospike.Cursor | None:
        """Take up an earlier run, if that is wanted; where it was."""
        if not self.resume or self.state is None:
            return None
        noted = self.state.read()
        self.records = self.noted = noted.records
        self.offset = noted.offset
        try:
            return triospike.Cursor.from_bytes(base64.b64decode(noted.more["cursor"]))
        except (ValueError, KeyError, TypeError) as error:
            raise click.ClickException(f"{self.state.path} can't be read: {error}") from None

    def open(self, stack: ExitStack) -> BinaryIO:
        """Open the output; of a run that goes on, cut off what came after its last note."""
        if self.output is None:
            return sys.stdout.buffer
        if not self.resume:
            return stack.enter_context(self.output.open("wb"))
        file = stack.enter_context(self.output.open("r+b"))
        if file.seek(0, os.SEEK_END) < self.offset:
            raise click.ClickException(f"{self.output} is shorter than it was when the export was interrupted")
        file.truncate(self.offset)
        file.seek(self.offset)
        return file

    def write(self, file: BinaryIO, lines: list[str]) -> None:
        """Add lines to the output."""
        if lines:
            data = ("\n".join(lines) + "\n").encode()
            self.records += len(lines)
            lines.clear()  # first, so that lines of which only a part gets into the file are not written again
            file.write(data)
            self.offset += len(data)

    def save(self, file: BinaryIO, cursor: triospike.Cursor) -> None:
        """Note how far it is, after what was written has reached the disk.

        Where the output is not what the cursor says, after an error in between, the earlier note stays.
        """
        file.flush()
        if self.state is not None and file.tell() == self.offset and cursor.records == self.records:
            os.fsync(file.fileno())
            position = base64.b64encode(cursor.to_bytes()).decode()
            self.state.write(Progressed(self.offset, self.records, {"cursor": position}))
            self.noted = self.records


async def _export(target: Target, work: Work) -> None:
    reading = work.reading
    policy = attrs.evolve(reading.policy(target.timeout), deserialize=not work.packed)
    partitions = work.begin() or reading.partition_filter()
    before = work.records
    async with (
        target.open(reading.namespace) as client,
        client.query(reading.statement(), partitions=partitions, policy=policy) as records,
    ):
        with ExitStack() as stack:
            file = work.open(stack)
            try:
                await _write_all(records, work, file)
            finally:
                if not work.finished and work.state is not None:
                    note(f"interrupted: {plural(work.noted, 'record')} so far; --resume goes on", "yellow")
    if work.state is not None:
        work.state.remove()
    resumed = f", {number(before)} of them earlier" if before else ""
    note(f"exported: {plural(work.records, 'record')} of {reading.place}{resumed}")


async def _write_all(records: triospike.QueryRecords, work: Work, file: BinaryIO) -> None:
    """Write lines until there are no more, and notes now and then; when interrupted, what is complete."""
    lines: list[str] = []
    work.save(file, records.cursor())
    saved = trio.current_time()
    async with open_bar(f"exporting {work.reading.place}", Estimate(records)):
        try:
            async for record in records:
                lines.append(record_to_line(record, wall_clock()))
                if len(lines) < LINES:
                    continue
                work.write(file, lines)
                if trio.current_time() - saved > SAVE_INTERVAL:
                    work.save(file, records.cursor())
                    saved = trio.current_time()
            work.finished = True
        finally:
            work.write(file, lines)
            work.save(file, records.cursor())
