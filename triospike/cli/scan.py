"""Read all records of a set or namespace."""

from __future__ import annotations

from functools import partial

import attrs
import click

from .options import count, example
from .reading import Reading, reading_options
from .showing import show_records
from .tables import Form, form_option
from .targets import Target, run, target_options

__all__ = ["scan"]


@click.command(
    epilog=example(
        "triospike scan --host db1 test users --bins name,age --limit 20",
        "triospike scan --host db1 test users --where \"name matches '^A'\" --json",
        "triospike scan --host db1 test --partitions 0-511 --csv",
    )
)
@target_options(timeout=0.0, of="What the whole scan may take")
@reading_options
@count("--limit", 0, "Records to print at most; 0: all.", low=0)
@form_option
def scan(target: Target, reading: Reading, limit: int, form: Form) -> None:
    """Print the records of a set, or of a whole namespace, in no particular order.

    With --where or --filter the servers go through all records, and send those that fulfil it; `triospike query`
    uses an index. Records that were written without their key are shown by their digest.
    """
    run(partial(_scan, target, attrs.evolve(reading, limit=limit), form))


async def _scan(target: Target, reading: Reading, form: Form) -> None:
    async with target.open(reading.namespace) as client:
        await show_records(client, reading.statement(), reading, reading.policy(target.timeout), form)
