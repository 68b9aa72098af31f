"""Create, drop and list secondary indexes."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from functools import partial
from typing import Any

import click
import trio

import triospike

from ..operations import context as paths
from .options import example
from .progress import wait_for
from .tables import Column, Form, form_option, show_rows
from .targets import Target, right_usage, run, target_options

__all__ = ["index", "list_indexes"]

_KINDS = ("integer", "string", "blob", "geo")
_COLLECTIONS = ("default", "list", "map-keys", "map-values")

_COLUMNS = (
    *map(Column, ("namespace", "set", "name", "bin", "kind", "collection")),
    *map(Column, ("context", "expression", "set_index", "readable")),
)
_TABLE = (
    Column("name", "index"),
    Column("place", "set"),
    Column("of", "bin"),
    Column("kind"),
    Column("collection"),
    Column("readable"),
)


@click.group()
def index() -> None:
    """Create, drop and list secondary indexes."""


def _wait_option(what: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    return click.option(
        "--wait/--no-wait", default=True, show_default=True, help=f"Wait until {what} on all nodes."
    )


@index.command(
    epilog=example(
        "triospike index create test users by_age --bin age --type integer",
        "triospike index create test cities place --bin place --type geo",
    )
)
@target_options
@click.argument("namespace")
@click.argument("set_name", metavar="SET")
@click.argument("name")
@click.option("--bin", "bin_name", metavar="B", help="Index this bin.")
@click.option("--expression", metavar="BASE64", help="Index what this expression gives, instead of a bin.")
@click.option(
    "--all-records", is_flag=True, help="Index the records of the SET as such, for fast scans of small sets."
)
@click.option("--type", "kind", type=click.Choice(_KINDS), help="The values in the index.")
@click.option(
    "--collection",
    type=click.Choice(_COLLECTIONS),
    default="default",
    show_default=True,
    help="Where they are in the bin: the value itself, elements of a list, keys or values of a map.",
)
@click.option("--context", metavar="BASE64", help="Path to the list, map or value inside the bin.")
@_wait_option("it can be used")
def create(
    target: Target, namespace: str, set_name: str, name: str, all_records: bool, wait: bool, **what: Any
) -> None:
    """Create an index NAME on a SET; an empty SET ("") stands for the whole namespace.

    While the servers build it, a bar on stderr shows how far they are. Ctrl-C stops waiting, not the building.
    """
    if [what["bin_name"] is not None, what["expression"] is not None, all_records].count(True) != 1:
        raise click.UsageError("give one of --bin, --expression and --all-records")
    if all_records != (what["kind"] is None):
        raise click.UsageError("give --type; only --all-records goes without")
    with right_usage():
        options = None if all_records else _options(**what)
    run(partial(_create, target, (namespace, set_name, name), options, wait))


def _options(
    bin_name: str | None, expression: str | None, kind: str | None, collection: str, context: str | None
) -> dict[str, Any]:
    """Arguments of `Client.create_index`."""
    options: dict[str, Any] = {
        "kind": triospike.IndexKind[(kind or "").upper()],
        "collection": triospike.CollectionKind[collection.upper().replace("-", "_")],
        "context": None if context is None else paths.from_base64(context),
    }
    if bin_name is not None:
        return {**options, "bin": bin_name}
    return {**options, "expression": _packed(expression or "")}


def _packed(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error:
        raise ValueError(
            "--expression is not base64; an expression of triospike.exp gives it by to_base64()"
        ) from None


async def _create(target: Target, names: tuple[str, str, str], options: dict[str, Any] | None, wait: bool) -> None:
    namespace, set_name, name = names
    async with target.open(namespace) as client:
        if options is None:
            task = await client.create_set_index(namespace, set_name, name)
        else:
            task = await client.create_index(namespace, set_name or None, name, **options)
        began = trio.current_time()
        if wait:
            await wait_for(f"building {name}", task.progress)
    took = f" in {trio.current_time() - began:.1f} s" if wait else ", being built"
    click.echo(f"created: {namespace}/{name}{took}")


@index.command(epilog=example("triospike index drop --host db1 test by_age"))
@target_options
@click.argument("namespace")
@click.argument("name")
@_wait_option("it is gone")
def drop(target: Target, namespace: str, name: str, wait: bool) -> None:
    """Drop an index; exit code 1 if there is none."""
    run(partial(_drop, target, namespace, name, wait))


async def _drop(target: Target, namespace: str, name: str, wait: bool) -> None:
    async with target.open(namespace) as client:
        known = [one.name for one in await client.indexes(namespace)]
        if name not in known:
            raise click.ClickException(f"not found: {namespace}/{name}; there are {', '.join(known) or 'none'}")
        task = await client.drop_index(namespace, name)
        if wait:
            await wait_for(f"dropping {name}", task.progress)
    click.echo(f"dropped: {namespace}/{name}")


@index.command("list", epilog=example("triospike index list --host db1 test --json"))
@target_options
@click.argument("namespace", required=False)
@form_option
def list_(target: Target, namespace: str | None, form: Form) -> None:
    """List the indexes, of one NAMESPACE or of all."""
    run(partial(list_indexes, target, namespace, form))


async def list_indexes(target: Target, namespace: str | None, form: Form) -> None:
    """Print the indexes.

    Args:
        target: Where.
        namespace: Only this one's; None for all.
        form: How.
    """
    async with target.open(namespace or "test") as client:
        rows = [_row(one) for one in await client.indexes(namespace)]
    show_rows(form, _COLUMNS, rows, "no indexes", table=_TABLE)


def _row(found: triospike.IndexInfo) -> dict[str, Any]:
    context = found.raw.get("context") if found.context else None
    expression = found.expression and base64.b64encode(found.expression).decode()
    of = f"expression {expression}" if expression else found.bin
    return {
        "namespace": found.namespace,
        "set": found.set_name,
        "name": found.name,
        "bin": found.bin,
        "kind": found.kind and found.kind.name.lower(),
        "collection": None if found.collection is None else found.collection.name.lower().replace("_", "-"),
        "context": context,
        "expression": expression,
        "set_index": found.is_set_index,
        "readable": found.readable,
        "place": f"{found.namespace}/{found.set_name}" if found.set_name else found.namespace,
        "of": f"{of} at {context}" if context else of,
    }
