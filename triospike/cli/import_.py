"""Read a file of records into a cluster, and go on where an earlier run was interrupted."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from functools import partial
from os import SEEK_END
from pathlib import Path
from typing import Any

import click
import trio

import triospike

from ..policy import EventPolicy
from .importing import OUTCOMES, Pump, Work
from .options import count, example, read_ttl
from .progress import Standing, open_bar
from .render import duration, note, number, plural, share
from .resuming import StateFile, check_begin
from .targets import Target, run, target_options

__all__ = ["import_"]

_IF_EXISTS = ("replace", "merge", "skip", "newer")


def _ttl(_: click.Context, __: click.Parameter, text: str) -> int | None:
    """The ttl of all records; None for what each line says."""
    return None if text == "exported" else read_ttl(text)


@click.command(
    "import",
    epilog=example(
        "triospike import --host db1:3000 test users.jsonl",
        "triospike import --host db1:3000 test users.jsonl --set people",
        "gunzip -c users.jsonl.gz | triospike import --host db1:3000 test -",
    ),
)
@target_options
@click.argument("namespace")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path))
@click.option(
    "--set", "set_name", metavar="NAME", help="Write to this set. Default: the set that each line names."
)
@click.option(
    "--if-exists",
    type=click.Choice(_IF_EXISTS),
    default="replace",
    show_default=True,
    help="Replace records that are there, merge bins into them, skip, or replace those of a lower generation.",
)
@click.option(
    "--ttl",
    callback=_ttl,
    default="exported",
    show_default=True,
    metavar="TIME",
    help="exported: each record expires when it would have; or a time as for put.",
)
@click.option("--resume", is_flag=True, help="Go on with an interrupted import of FILE.")
@click.option("--restart", is_flag=True, help="Begin again, although an import of FILE was interrupted.")
@count("--from-line", 1, "The first line to import.")
@click.option("--keep-going", is_flag=True, help="Go on after lines that fail; exit code 1 at the end.")
@count("--event-loops", 1, "Event loops of the client.")
@count("--in-process", 100, "Writes in process of each loop.")
def import_(
    target: Target, namespace: str, file: Path, resume: bool, restart: bool, from_line: int, **options: Any
) -> None:
    """Write the records of a FILE that `triospike export` made; FILE may be - for stdin.

    An interrupted import leaves FILE.import-state; with --resume and otherwise the same options it goes on there.
    A few records may be written twice then, with the same bins. Generations begin anew. Records that have expired
    since the export are left out.
    """
    work = Work(namespace=namespace, **options)
    if str(file) == "-":
        if resume or restart:
            raise click.UsageError("stdin can't be resumed; skip lines by --from-line")
        run(partial(_import, target, work, None, None, from_line))
        return
    if [resume, restart, from_line > 1].count(True) > 1:
        raise click.UsageError("give one of --resume, --restart and --from-line")
    state = StateFile(file, ".import-state", work.job())
    check_begin(state, resume=resume, anew=restart or from_line > 1, option="--restart")
    if resume:
        work.take_up(state.read())
    run(partial(_import, target, work, file, state, from_line))


async def _import(target: Target, work: Work, file: Path | None, state: StateFile | None, from_line: int) -> None:
    began, earlier = trio.current_time(), work.line
    with ExitStack() as stack:
        source = sys.stdin.buffer if file is None else stack.enter_context(file.open("rb"))
        if file is not None:
            work.size = source.seek(0, SEEK_END)
            if work.size < work.offset:
                raise click.ClickException(f"{file} is shorter than it was when the import was interrupted")
            source.seek(work.offset)
        async with (
            triospike.open_event_loops(
                work.event_loops, EventPolicy(max_commands_in_process=work.in_process)
            ) as loops,
            target.open(work.namespace, loops) as client,
            open_bar(f"importing {file or 'stdin'}", lambda: _standing(work)),
        ):
            await Pump(client, target.timeout, work, state).run(source, from_line)
    if state is not None:
        state.remove()
    _report(work, earlier, trio.current_time() - began)


def _standing(work: Work) -> Standing:
    text = f"{plural(work.line, 'line')}, {number(work.counts['written'])} written"
    return Standing(share(work.offset, work.size) if work.size else None, text)


def _report(work: Work, earlier: int, seconds: float) -> None:
    parts = [f"{number(work.counts[name])} {name}" for name in OUTCOMES if work.counts[name] or name == "written"]
    resumed = f", {number(earlier)} of them earlier" if earlier else ""
    note(f"imported: {plural(work.line, 'line')}{resumed}: {', '.join(parts)}; {duration(seconds)}")
    if work.counts["failed"]:
        raise click.ClickException(f"{plural(work.counts['failed'], 'line')} failed")
