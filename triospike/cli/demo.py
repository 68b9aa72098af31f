"""The demonstration: fifty thousand commands under limits, and a node that dies among them."""

from __future__ import annotations

from functools import partial

import click
import trio

from .demo_view import follow_live, follow_plainly, show_report
from .judgement import Report
from .options import count
from .render import console
from .scenario import DemoConfig, Scenario
from .targets import run

__all__ = ["demo"]


@click.command()
@count("--commands", 50_000, "Writes, and then reads.")
@count("--nodes", 3, "Nodes of the embedded cluster.", high=16)
@count("--event-loops", 10, "Event loops of the client.")
@count("--in-process", 50, "Commands in process of each loop.")
@count("--queue", 50_000, "Commands that wait in each loop; 0: no bound.", low=0)
@count("--connections", 500, "Connections to each node.")
@click.option("--no-kill", is_flag=True, help="Don't stop a node in the middle.")
@click.option("--plain", is_flag=True, help="Lines instead of a live view; also where stdout is no terminal.")
def demo(no_kill: bool, plain: bool, **sizes: int) -> None:
    """Watch event loops and limits at work, on an embedded cluster of three nodes.

    Submits 50,000 writes at once, to 10 event loops with 50 commands in process each and 500 connections to each
    node; stops one node in the middle and starts it again; reads every record back and compares it. In the
    end it shows the peaks that the servers counted beside the limits.

    Exit code 0 only if nothing was lost and no limit was exceeded.
    """
    kill = not no_kill and sizes["nodes"] > 1
    reports: list[Report] = []
    run(partial(_demo, DemoConfig(kill=kill, **sizes), plain, reports))
    show_report(reports[0])
    if not reports[0].ok:
        raise click.ClickException("; ".join(reports[0].faults()))


async def _demo(config: DemoConfig, plain: bool, reports: list[Report]) -> None:
    scenario = Scenario(config)
    is_live = not plain and console().is_terminal
    async with trio.open_nursery() as nursery:
        nursery.start_soon(follow_live if is_live else follow_plainly, scenario)
        reports.append(await scenario.run())
        nursery.cancel_scope.cancel()
