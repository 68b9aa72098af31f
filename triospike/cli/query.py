"""Read the records that an index finds."""

from __future__ import annotations

from functools import partial

import attrs
import click

import triospike

from .index_choice import Choice, choose
from .options import count, example
from .reading import Reading, reading_options
from .render import note
from .showing import show_records
from .tables import Form, form_option
from .targets import Target, run, target_options

__all__ = ["query"]


@click.command(
    epilog=example(
        'triospike query --host db1 test users --where "age between 20 and 30"',
        "triospike query test users --where \"tags contains 'maths'\" --json",
        "triospike query test users --where \"age > 6 and name = 'Ada'\" --csv",
    )
)
@target_options(timeout=0.0, of="What the whole query may take")
@reading_options
@click.option("--index", metavar="NAME", help="Use this index. Default: one that fits a condition.")
@count("--limit", 0, "Records to print at most; 0: all.", low=0)
@form_option
def query(target: Target, reading: Reading, index: str | None, limit: int, form: Form) -> None:
    """Print the records of a set that fulfil conditions, by an index if there is one that fits.

    One condition is answered by the index, the others are checked on the records that it finds. Without an index
    that fits, it goes through all records as `triospike scan` does, and says so.
    """
    if index is not None and not reading.conditions:
        raise click.UsageError("--index needs a condition: --where")
    run(partial(_query, target, attrs.evolve(reading, limit=limit), index, form))


async def _query(target: Target, reading: Reading, index: str | None, form: Form) -> None:
    async with target.open(reading.namespace) as client:
        found = await _index_for(client, reading, index) if reading.conditions else None
        if found is None:
            await show_records(client, reading.statement(), reading, reading.policy(target.timeout), form)
            return
        note(f"by the index {found.index.name}: {found.condition}")
        rest = [condition for condition in reading.conditions if condition is not found.condition]
        policy = reading.policy(target.timeout, rest)
        await show_records(client, reading.statement(found.filter), reading, policy, form)


async def _index_for(client: triospike.Client, reading: Reading, name: str | None) -> Choice | None:
    """The index to use and the condition that it answers; None with a note where there is none."""
    indexes = await client.indexes(reading.namespace)
    if name is not None:
        found = choose([index for index in indexes if index.name == name], reading.set_name, reading.conditions)
        if found is None:
            raise click.ClickException(_useless(name, indexes, reading))
        return found
    found = choose(indexes, reading.set_name, reading.conditions)
    if found is None:
        note(f"no index of {reading.place} fits a condition: going through all records, checked by the servers")
    return found


def _useless(name: str, indexes: list[triospike.IndexInfo], reading: Reading) -> str:
    """Why an index can't be used."""
    for index in indexes:
        if index.name != name:
            continue
        if not index.readable:
            return f"the index {name} is not built yet on all nodes"
        where = f"{index.namespace}/{index.set_name}" if index.set_name else index.namespace
        kind = index.kind.name.lower() if index.kind else "set"
        return f"the index {name}, of {kind} values in the bin {index.bin} of {where}, fits none of the conditions"
    return f"there is no index {name} in {reading.namespace}"
