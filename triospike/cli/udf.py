"""Functions in the server: register, list, read and remove modules, apply a function to a record."""

from __future__ import annotations

import json
import sys
from functools import partial
from pathlib import Path
from typing import Any

import click
from rich.syntax import Syntax

import triospike

from ..key import Key
from .options import example
from .progress import wait_for
from .render import console, plural
from .tables import Column, Form, form_option, show_rows
from .targets import Target, key_arguments, right_usage, run, target_options
from .values import from_json, to_json

__all__ = ["udf"]

_COLUMNS = (Column("name", "module"), Column("language"), Column("hash"))


@click.group()
def udf() -> None:
    """Functions in the server, written in Lua: modules, and applying them."""


@udf.command(epilog=example("triospike udf register --host db1:3000 visits.lua"))
@target_options
@click.argument("file", type=click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path))
@click.option("--name", metavar="NAME", help="What the servers call it. Default: the name of the file.")
@click.option("--wait/--no-wait", default=True, show_default=True, help="Wait until all nodes have it.")
def register(target: Target, file: Path, name: str | None, wait: bool) -> None:
    """Register a module, or a new version of it. FILE may be - for stdin, with --name."""
    if str(file) == "-":
        if name is None:
            raise click.UsageError("a module from stdin needs a --name")
        source = sys.stdin.buffer.read()
    else:
        source = file.read_bytes()
    run(partial(_register, target, source, name or file.name, wait))


async def _register(target: Target, source: bytes, name: str, wait: bool) -> None:
    async with target.open() as client:
        task = await client.register_udf(source, name)
        if wait:
            await wait_for(f"passing on {task.module.name}", task.progress)
        nodes = len(client.nodes)
    where = f"on {plural(nodes, 'node')}" if wait else "being passed on"
    click.echo(f"registered: {task.module.name}, {where}")


@udf.command("list", epilog=example("triospike udf list --host db1:3000"))
@target_options
@form_option
def list_(target: Target, form: Form) -> None:
    """List the modules."""
    run(partial(_list, target, form))


async def _list(target: Target, form: Form) -> None:
    async with target.open() as client:
        rows = [
            {"name": module.name, "language": module.language, "hash": module.hash}
            for module in await client.udfs()
        ]
    show_rows(form, _COLUMNS, sorted(rows, key=lambda row: row["name"]), "no modules")


@udf.command(epilog=example("triospike udf get --host db1:3000 visits.lua > visits.lua"))
@target_options
@click.argument("name")
def get(target: Target, name: str) -> None:
    """Print the source of a module, as it was registered."""
    run(partial(_get, target, name))


async def _get(target: Target, name: str) -> None:
    async with target.open() as client:
        await _check_known(client, name)
        module = await client.get_udf(name)
    if console().is_terminal:
        console().print(Syntax(module.source, "lua", theme="ansi_dark", background_color="default"))
    else:
        sys.stdout.flush()
        sys.stdout.buffer.write(module.content or b"")


@udf.command(epilog=example("triospike udf remove --host db1:3000 visits.lua"))
@target_options
@click.argument("name")
@click.option("--wait/--no-wait", default=True, show_default=True, help="Wait until no node has it any more.")
def remove(target: Target, name: str, wait: bool) -> None:
    """Remove a module; exit code 1 if there is none."""
    run(partial(_remove, target, name, wait))


async def _remove(target: Target, name: str, wait: bool) -> None:
    async with target.open() as client:
        await _check_known(client, name)
        task = await client.remove_udf(name)
        if wait:
            await wait_for(f"removing {name}", task.progress)
    click.echo(f"removed: {task.module.name}")


async def _check_known(client: triospike.Client, name: str) -> None:
    """There is such a module.

    Raises:
        click.ClickException: There is none; servers don't say so when it is to be removed.
    """
    known = [module.name for module in await client.udfs()]
    if name not in known and f"{name}.lua" not in known:
        raise click.ClickException(f"not found: {name}; there are {', '.join(sorted(known)) or 'none'}")


@udf.command(
    "apply",
    epilog=example(
        "triospike udf apply --host db1 test users ada visits add 5",
        'triospike udf apply --host db1 test users ada visits tag \'["a", "b"]\' today',
    ),
)
@target_options
@key_arguments
@click.argument("module")
@click.argument("function")
@click.argument("arguments", metavar="[ARG]...", nargs=-1)
def apply_(target: Target, key: Key, module: str, function: str, arguments: tuple[str, ...]) -> None:
    """Apply a FUNCTION of a MODULE to a record, and print what it returns, as JSON.

    Each ARG is a value in JSON, or else a text: 5 is a number, '"5"' and five are texts. Values that JSON lacks
    are written as for `triospike put`. Put -- in front of negative numbers.
    """
    with right_usage():
        values = [_argument(text) for text in arguments]
    run(partial(_apply, target, key, (module.removesuffix(".lua"), function), values))


def _argument(text: str) -> Any:
    try:
        decoded = json.loads(text)
    except ValueError:
        return text
    return from_json(decoded)


async def _apply(target: Target, key: Key, names: tuple[str, str], values: list[Any]) -> None:
    policy = triospike.ApplyPolicy(total_timeout=target.timeout)
    async with target.open(key.namespace) as client:
        value = await client.apply(key, *names, values, policy=policy)
    click.echo(json.dumps(to_json(value), ensure_ascii=False))
