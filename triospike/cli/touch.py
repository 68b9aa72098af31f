"""Renew a record's expiry."""

from __future__ import annotations

from functools import partial

import click

from ..errors import RecordNotFound
from ..key import Key
from ..policy import WritePolicy
from .options import generation_option, policy_fields, ttl_option
from .targets import Target, key_arguments, not_found, right_usage, run, show_key, target_options

__all__ = ["touch"]


@click.command()
@target_options
@key_arguments
@ttl_option
@generation_option
def touch(target: Target, key: Key, ttl: int, generation: int | None) -> None:
    """Renew a record's expiry and raise its generation; exit code 1 if there is none.

    Without --ttl the record gets the default of its namespace.
    """
    with right_usage():
        fields = policy_fields(generation, send_key=False)
        policy = WritePolicy(total_timeout=target.timeout, ttl=ttl, **fields)
    run(partial(_touch, target, key, policy))


async def _touch(target: Target, key: Key, policy: WritePolicy) -> None:
    async with target.open(key.namespace) as client:
        try:
            await client.touch(key, policy=policy)
        except RecordNotFound:
            raise not_found(key) from None
    click.echo(f"touched: {show_key(key)}")
