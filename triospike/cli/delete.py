"""Delete a record."""

from __future__ import annotations

from functools import partial

import click

from ..key import Key
from ..policy import RemovePolicy
from .options import generation_option, policy_fields
from .targets import Target, key_arguments, not_found, right_usage, run, show_key, target_options

__all__ = ["delete"]


@click.command()
@target_options
@key_arguments
@generation_option
@click.option("--durable", is_flag=True, help="Leave a tombstone, so that it can't come back (Enterprise).")
def delete(target: Target, key: Key, generation: int | None, durable: bool) -> None:
    """Delete a record; exit code 1 if there is none."""
    with right_usage():
        fields = policy_fields(generation, send_key=False, durable=durable)
        policy = RemovePolicy(total_timeout=target.timeout, **fields)
    run(partial(_delete, target, key, policy))


async def _delete(target: Target, key: Key, policy: RemovePolicy) -> None:
    async with target.open(key.namespace) as client:
        deleted = await client.delete(key, policy=policy)
    if not deleted:
        raise not_found(key)
    click.echo(f"deleted: {show_key(key)}")
