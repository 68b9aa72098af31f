"""Ask whether a record exists."""

from __future__ import annotations

from functools import partial

import click

from ..key import Key
from .targets import Target, key_arguments, not_found, run, target_options

__all__ = ["exists"]


@click.command()
@target_options
@key_arguments
def exists(target: Target, key: Key) -> None:
    """Print true or false; exit code 1 if there is no such record."""
    run(partial(_exists, target, key))


async def _exists(target: Target, key: Key) -> None:
    async with target.open(key.namespace) as client:
        found = await client.exists(key)
    click.echo("true" if found else "false")
    if not found:
        raise not_found(key)
