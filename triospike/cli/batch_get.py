"""Read many records by their keys."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TextIO

import click

import triospike

from ..key import Key
from .options import example
from .reading import bins_option
from .records_view import record_writer
from .render import plural
from .tables import Form, form_option
from .targets import Target, make_key, right_usage, run, target_options

__all__ = ["batch_get"]

PORTION = 5_000
"""Keys of one batch."""


@click.command(
    "batch-get",
    epilog=example(
        "triospike batch-get --host db1:3000 test users ada grace --bins name,age",
        "triospike batch-get --host db1:3000 test events --int --keys ids.txt --csv",
    ),
)
@target_options
@click.argument("namespace")
@click.argument("set_name", metavar="SET")
@click.argument("keys", metavar="[KEY]...", nargs=-1)
@click.option(
    "--keys", "file", type=click.File("r"), metavar="FILE", help="Read keys from FILE, one on each line."
)
@click.option("--int", "kind", flag_value="int", help="Keys are integers; else they are text.")
@click.option("--bytes", "kind", flag_value="bytes", help="Keys are bytes, written in hexadecimal.")
@click.option("--digest", "kind", flag_value="digest", help="Keys are digests: 40 hexadecimal digits.")
@bins_option
@form_option
def batch_get(
    target: Target,
    namespace: str,
    set_name: str,
    keys: tuple[str, ...],
    file: TextIO | None,
    kind: str | None,
    bins: tuple[str, ...] | None,
    form: Form,
) -> None:
    """Read many records at once, in the order of their keys; exit code 1 if one is not there.

    With --json, a record that is not there has null for its bins. FILE may be - for stdin.
    """
    texts = [*keys, *(line.rstrip("\n") for line in file or () if line.strip())]
    if not texts:
        raise click.UsageError("no keys: give them as arguments, or by --keys FILE")
    with right_usage():
        made = [make_key(namespace, set_name, text, kind) for text in texts]
    run(partial(_batch_get, target, made, bins, form))


async def _batch_get(target: Target, keys: Sequence[Key], bins: tuple[str, ...] | None, form: Form) -> None:
    policy = triospike.BatchPolicy(total_timeout=target.timeout)
    writer = record_writer(form, bins, one_set=True)
    missing = 0
    async with target.open(keys[0].namespace) as client:
        for start in range(0, len(keys), PORTION):
            portion = keys[start : start + PORTION]
            for key, record in zip(portion, await client.batch_get(portion, bins, policy=policy), strict=True):
                writer.add(key, record)
                missing += record is None
            writer.flush()
    complaint = writer.finish()
    if complaint is not None:
        raise click.ClickException(complaint)
    if missing:
        raise click.ClickException(f"not found: {missing:,} of {plural(len(keys), 'record')}")
