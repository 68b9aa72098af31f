"""Read a record and show it."""

from __future__ import annotations

import json
from functools import partial

import click
from rich.text import Text

from ..key import Key
from ..record import Record
from .options import example
from .render import console
from .targets import Target, key_arguments, not_found, right_usage, run, show_key, target_options
from .values import to_json

__all__ = ["get"]

_UNITS = (("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1))


@click.command(epilog=example("triospike get --host db1:3000 test users ada --bin name --json"))
@target_options
@key_arguments
@click.option("--bin", "bins", multiple=True, metavar="B", help="Read this bin only; may be given again.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object: bins, generation, ttl.")
def get(target: Target, key: Key, bins: tuple[str, ...], as_json: bool) -> None:
    """Read a record; exit code 1 if there is none.

    With --json, ttl is in seconds, or null for a record that never expires, and values that JSON lacks are
    objects: {"$bytes": "c0ffee"}, {"$geojson": "..."}, {"$hll": "..."}, {"$float": "nan"}, and {"$map": [[KEY,
    VALUE], ...]} for maps whose keys are not all text. `triospike put` reads the same forms.
    """
    with right_usage():
        for name in bins:
            _check_bin(name)
    run(partial(_get, target, key, bins, as_json))


async def _get(target: Target, key: Key, bins: tuple[str, ...], as_json: bool) -> None:
    async with target.open(key.namespace) as client:
        record = await client.get(key, list(bins) or None)
    if record is None:
        raise not_found(key)
    if as_json:
        shown = {"bins": to_json(record.bins), "generation": record.generation, "ttl": record.ttl}
        click.echo(json.dumps(shown, ensure_ascii=False))
    else:
        _show(record)


def _check_bin(name: str) -> None:
    if not 1 <= len(name.encode()) <= 15:
        raise ValueError(f"a bin name must be 1 to 15 bytes long: {name!r}")


def _show(record: Record) -> None:
    out = console()
    head = Text(show_key(record.key), "bold")
    head.append(f"  generation {record.generation}, {_expiry(record.ttl)}", "dim")
    out.print(head, soft_wrap=True)
    width = max(map(len, record.bins), default=0)
    for name, value in record.bins.items():
        line = Text(f"  {name:<{width}}  ", "cyan")
        line.append(json.dumps(to_json(value), ensure_ascii=False), "default")
        out.print(line, soft_wrap=True)


def _expiry(ttl: int | None) -> str:
    """When a record expires, in its two largest units."""
    if ttl is None:
        return "never expires"
    parts = []
    for unit, size in _UNITS:
        count, ttl = divmod(ttl, size)
        if count:
            parts.append(f"{count} {unit}{'' if count == 1 else 's'}")
    return f"expires in {' '.join(parts[:2]) or 'less than a second'}"
