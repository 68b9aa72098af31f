"""Remove all records of a set or namespace."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import attrs
import click

import triospike

from .options import example
from .progress import wait_for
from .render import number, plural
from .targets import Target, run, target_options

__all__ = ["truncate"]

_FORMATS = [
    f"%Y-%m-%d{clock}"
    for clock in ("", "T%H:%M", " %H:%M", "T%H:%M:%S", " %H:%M:%S", "T%H:%M:%S%z", " %H:%M:%S%z")
]


def _moment(context: click.Context, option: click.Parameter, text: str | None) -> Any:
    """A time: Unix seconds, or a date and time; local unless it names a zone."""
    if text is None:
        return None
    try:
        return float(text)
    except ValueError:
        written = f"{text[:-1]}+0000" if text.endswith("Z") else text
    try:
        return click.DateTime(_FORMATS).convert(written, option, context).astimezone()
    except click.BadParameter:
        raise click.BadParameter(f"{text!r} is no time: 2026-11-22, 2026-11-22T18:30, Unix seconds") from None


@attrs.frozen
class _Part:
    """What one node has of what is truncated.

    Attributes:
        objects: Copies of records.
        lut: Update time up to which the node truncates, in its own unit; 0 for never.
        truncating: It is at it.
    """

    objects: int
    lut: int
    truncating: bool


@attrs.frozen
class _Removal:
    """How far the nodes are with removing."""

    fraction: float
    done: bool


@click.command(
    epilog=example(
        "triospike truncate --host db1 test users",
        'triospike truncate --host db1 test users --before "2026-11-01 00:00" --yes',
    )
)
@target_options
@click.argument("namespace")
@click.argument("set_name", metavar="[SET]", default="")
@click.option("--before", callback=_moment, metavar="TIME", help="Only records last written before. Default: all.")
@click.option("--yes", is_flag=True, help="Don't ask for confirmation.")
@click.option("--wait/--no-wait", default=True, show_default=True, help="Wait until all nodes have removed them.")
def truncate(target: Target, namespace: str, set_name: str, before: Any, yes: bool, wait: bool) -> None:
    """Remove all records of a set, or of a whole namespace. Nothing brings them back.

    TIME is as 2026-11-22, "2026-11-22 18:30", 2026-11-22T17:30:00Z, or Unix seconds; local unless it names a zone.
    """
    place = f"{namespace}/{set_name}" if set_name else namespace
    if not yes:
        found: list[int] = []
        run(partial(_count, target, namespace, set_name, found))
        what = f"the whole namespace {place}" if not set_name else place
        older = "" if before is None else ", those last written before then,"
        click.confirm(f"Remove the records of {what}{older} for good? {number(found[0])} are there", abort=True)
    run(partial(_truncate, target, namespace, set_name, before, wait))


async def _count(target: Target, namespace: str, set_name: str, found: list[int]) -> None:
    async with target.open(namespace) as client:
        parts = await _parts(client, namespace, set_name)
        found.append(sum(part.objects for part in parts.values()) // await _copies(client, namespace))


async def _copies(client: triospike.Client, namespace: str) -> int:
    """How many copies of each record there are."""
    (info,) = [one for one in await client.namespaces() if one.name == namespace]
    return info.replication_factor or 1


async def _parts(client: triospike.Client, namespace: str, set_name: str) -> dict[str, _Part]:
    """What each node has of the set, or of the namespace.

    Raises:
        click.ClickException: There is no such thing.
    """
    namespaces = await client.namespaces()
    if namespace not in [one.name for one in namespaces]:
        known = ", ".join(one.name for one in namespaces)
        raise click.ClickException(f"not found: namespace {namespace}; there are {known}")
    if not set_name:
        (whole,) = [one for one in namespaces if one.name == namespace]
        return {node: _part(one.objects, one.raw) for node, one in whole.nodes.items()}
    sets = await client.sets(namespace)
    for found in sets:
        if found.name == set_name:
            return {node: _part(one.objects, one.raw) for node, one in found.nodes.items()}
    known = ", ".join(one.name for one in sets) or "none"
    raise click.ClickException(f"not found: set {set_name} in {namespace}; there are {known}")


def _part(objects: int | None, raw: Mapping[str, str]) -> _Part:
    lut = raw.get("truncate_lut", "0")
    return _Part(objects or 0, int(lut) if lut.isdecimal() else 0, raw.get("truncating") == "true")


async def _truncate(target: Target, namespace: str, set_name: str, before: Any, wait: bool) -> None:
    async with target.open(namespace) as client:
        at_first = await _parts(client, namespace, set_name)
        copies = await _copies(client, namespace)
        await client.truncate(namespace, set_name or None, before=before)
        total = sum(part.objects for part in at_first.values())

        async def look() -> _Removal:
            now = await _parts(client, namespace, set_name)
            left = sum(part.objects for part in now.values())
            idle = all(_finished(part, at_first.get(node), before is not None) for node, part in now.items())
            return _Removal(min(1.0, 1 - left / total) if total else 1.0, idle)

        if wait:
            await wait_for(f"truncating {set_name or namespace}", look)
            left = sum(part.objects for part in (await _parts(client, namespace, set_name)).values())
    place = f"{namespace}/{set_name}" if set_name else namespace
    if wait:
        click.echo(f"truncated: {place}, {plural(max(0, total - left) // copies, 'record')} removed")
    else:
        click.echo(f"truncated: {place}, being removed")


def _finished(now: _Part, at_first: _Part | None, partly: bool) -> bool:
    """A node has heard of it and is not at work any more; or it has nothing left to remove."""
    if now.objects == 0 or at_first is None:
        return True
    heard = now.lut > at_first.lut or (partly and now.lut == at_first.lut != 0)
    return heard and not now.truncating
