"""Ask the nodes what they know."""

from __future__ import annotations

import json
from functools import partial

import click
from rich.table import Table
from rich.text import Text

import triospike

from ..errors import AerospikeError
from .options import example
from .render import console, plural
from .targets import Target, run, target_options

__all__ = ["info"]

_OVERVIEW = ("build", "edition", "cluster-name", "namespaces", "statistics")
_COLUMNS = ("node", "address", "build", "namespaces", "connections", "uptime")


@click.command(
    epilog=example(
        "triospike info --host db1:3000 namespaces",
        "triospike info --host db1:3000 namespace/test --lines",
        "triospike info --host db1:3000 statistics --node BB9020011AC4202 --lines",
    )
)
@target_options
@click.argument("command", required=False)
@click.option("--node", metavar="NAME", help="Ask this node only.")
@click.option("--lines", is_flag=True, help="Break the answers at their semicolons.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object: name of the node to its answer.")
def info(target: Target, command: str | None, node: str | None, lines: bool, as_json: bool) -> None:
    """Ask every node an info COMMAND; without one, show an overview of the nodes."""
    if command is None and (lines or as_json):
        raise click.UsageError("--lines and --json need a COMMAND")
    run(partial(_info, target, command, node, lines, as_json))


async def _info(target: Target, command: str | None, node: str | None, lines: bool, as_json: bool) -> None:
    async with target.open() as client:
        names = [one.name for one in client.nodes]
        if node is not None and node not in names:
            raise click.ClickException(f"no node {node!r}; there are {', '.join(names)}")
        if command is None:
            await _overview(client, node)
            return
        answers = await _ask(client, command, node)
    if as_json:
        click.echo(json.dumps({name: str(answer) for name, answer in answers.items()}, ensure_ascii=False))
    else:
        _show(answers, lines)
    failed: dict[str, list[str]] = {}
    for name, answer in answers.items():
        if isinstance(answer, AerospikeError):
            failed.setdefault(answer.message, []).append(name)
    if failed:
        reasons = "; ".join(f"on {', '.join(names)}: {message}" for message, names in failed.items())
        raise click.ClickException(f"{command} failed {reasons}")


async def _ask(client: triospike.Client, command: str, node: str | None) -> dict[str, str | AerospikeError]:
    if node is None:
        return await client.info_all(command)
    try:
        return {node: await client.info(command, node=node)}
    except AerospikeError as error:
        return {node: error}


def _show(answers: dict[str, str | AerospikeError], lines: bool) -> None:
    for name, answer in answers.items():
        if isinstance(answer, AerospikeError):
            continue
        text = "\n".join(part for part in answer.split(";") if part) if lines else answer
        if len(answers) > 1:
            console().print(f"{name}:", style="bold", soft_wrap=True)
        click.echo(text)


async def _overview(client: triospike.Client, only: str | None) -> None:
    answers = {command: await client.info_all(command) for command in _OVERVIEW}
    table = Table(box=None, pad_edge=False, collapse_padding=True, padding=(0, 2), header_style="dim")
    for column in _COLUMNS:
        table.add_column(column, overflow="fold", no_wrap=column in ("node", "address"))
    for node in sorted(client.nodes, key=lambda node: node.name):
        if only is not None and node.name != only:
            continue
        given = {command: _text(answers[command].get(node.name)) for command in _OVERVIEW}
        statistics = dict(pair.partition("=")[::2] for pair in given["statistics"].split(";"))
        table.add_row(
            node.name,
            str(node.host),
            given["build"],
            given["namespaces"].replace(";", " "),
            statistics.get("client_connections", "?"),
            f"{statistics.get('uptime', '?')} s",
        )
    head = (_agreed(answers["cluster-name"]), plural(len(client.nodes), "node"), _agreed(answers["edition"]))
    console().print(Text(f"cluster {', '.join(head)}", "bold"))
    console().print(table)


def _agreed(answers: dict[str, str | AerospikeError]) -> str:
    """What the nodes say: one text where they agree."""
    return " | ".join(sorted(set(map(_text, answers.values()))))


def _text(answer: str | AerospikeError | None) -> str:
    """An answer for a cell of the overview, where nothing is worth failing for."""
    return answer if isinstance(answer, str) else "?"
