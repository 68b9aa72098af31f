"""Write a record."""

from __future__ import annotations

import sys
from functools import partial
from typing import Any

import click

from ..key import Key
from ..policy import RecordExistsAction, WritePolicy
from .options import example, generation_option, policy_fields, ttl_option
from .targets import Target, key_arguments, right_usage, run, show_key, target_options
from .values import bins_from_text

__all__ = ["put"]

_EXISTS = {
    "ignore": RecordExistsAction.IGNORE,
    "create": RecordExistsAction.CREATE,
    "update": RecordExistsAction.UPDATE,
    "replace": RecordExistsAction.REPLACE,
    "create-or-replace": RecordExistsAction.CREATE_OR_REPLACE,
}


@click.command(epilog=example("triospike put --host db1:3000 test users ada '{\"age\": 36}' --ttl 30d"))
@target_options
@key_arguments
@click.argument("text", metavar="JSON")
@ttl_option
@generation_option
@click.option(
    "--exists", type=click.Choice(list(_EXISTS)), default="ignore", show_default=True, help="What must be there."
)
@click.option("--send-key", is_flag=True, help="Store the key itself with the record, not only its digest.")
def put(
    target: Target,
    key: Key,
    text: str,
    ttl: int,
    generation: int | None,
    exists: str,
    send_key: bool,
) -> None:
    """Write bins of a record; other bins of it stay as they are.

    JSON is an object of bin names and values, or - to read it from stdin; null removes a bin. Values that JSON
    lacks are written as objects: {"$bytes": "c0ffee"}, {"$geojson": {...}}, {"$float": "nan"}, and {"$map":
    [[KEY, VALUE], ...]} for maps whose keys are not all text.
    """
    with right_usage():
        bins = bins_from_text(sys.stdin.read() if text == "-" else text)
        policy = WritePolicy(
            total_timeout=target.timeout, ttl=ttl, exists=_EXISTS[exists], **policy_fields(generation, send_key)
        )
    run(partial(_put, target, key, bins, policy))


async def _put(target: Target, key: Key, bins: dict[str, Any], policy: WritePolicy) -> None:
    async with target.open(key.namespace) as client:
        with right_usage():
            prepared = client.prepare.put(key, bins, policy=policy)
        await client.submit(prepared).result()
    click.echo(f"written: {show_key(key)}")
