"""Say what the limits should be."""

from __future__ import annotations

import json

import attrs
import click
from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

from ..limits import Recommendation, recommend
from .options import count, example
from .render import console

__all__ = ["limits"]


@click.command(epilog=example("triospike limits --proto-fd-max 10000 --clients 20 --event-loops 10"))
@count("--proto-fd-max", 15_000, "Client connections that each server node takes.")
@count("--clients", 1, "Client programs.")
@count("--event-loops", 1, "Event loops of each program.")
@count("--in-process", 50, "Commands in process wanted of each loop.")
@count("--nodes", 1, "Server nodes that share the commands evenly.")
@count("--pipeline-depth", 1, "Commands that share one connection.")
@click.option(
    "--reserve",
    metavar="SHARE",
    default=0.1,
    show_default=True,
    help="Of proto-fd-max, for others.",
)
@click.option(
    "--total-timeout",
    metavar="SECONDS",
    default=1.0,
    show_default=True,
    help="Of a command; 0: no limit.",
)
@click.option("--latency", metavar="SECONDS", default=0.001, show_default=True, help="Of a command in process.")
@click.option("--throughput", type=float, metavar="N", help="Commands/s of a program. Default: estimated.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def limits(as_json: bool, **asked: float) -> None:
    """Work out the limits to set, from what the server allows and the programs need.

    All programs together, at their limits, stay under proto-fd-max of every node, with a reserve for tools,
    backups, XDR and monitoring. Nothing is connected to.
    """
    try:
        found = recommend(**asked)  # type: ignore[arg-type]  # click has made ints of the counts
    except ValueError as error:
        raise click.ClickException(str(error)) from None
    if as_json:
        click.echo(json.dumps({**attrs.asdict(found), "notes": found.notes()}, ensure_ascii=False))
    else:
        _show(found)


def _show(found: Recommendation) -> None:
    table = Table(box=SIMPLE_HEAD, show_edge=False, pad_edge=False)
    table.add_column("set", no_wrap=True)
    table.add_column("to", justify="right", no_wrap=True)
    table.add_column("because", ratio=1)
    for name, value, why in found.reasons():
        table.add_row(name, Text(f"{value:,}", "bold green"), why)
    out = console()
    out.print(table)
    for text in found.notes():
        out.print()
        out.print(text)
    out.print()
    out.print(_as_python(found), style="cyan", soft_wrap=True, markup=False)


def _as_python(found: Recommendation) -> str:
    connections = f"async_max_conns_per_node={found.async_max_conns_per_node}"
    if found.pipe_max_conns_per_node is not None:
        pipes = f"pipeline_depth={found.pipeline_depth}, pipe_max_conns_per_node={found.pipe_max_conns_per_node}"
        connections = f"{pipes}, {connections}"
    return (
        f"open_event_loops({found.event_loops}, EventPolicy("
        f"max_commands_in_process={found.max_commands_in_process}, "
        f"max_commands_in_queue={found.max_commands_in_queue}))\n"
        f"ClientPolicy({connections})"
    )
