"""Options that several verbs take, and what they mean."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from .serving import Hosts, serving

__all__ = ["add_server_options", "cluster", "cpus", "listed", "parse_hosts"]

T = TypeVar("T")
_PORT = 3000


def listed(convert: Callable[[str], T], allowed: Iterable[T] | None = None) -> Callable[[str], list[T]]:
    """A type for argparse: values with commas between them, each once.

    Args:
        convert: Makes one value.
        allowed: What a value may be; None for anything.
    """
    known = None if allowed is None else list(allowed)

    def parse(text: str) -> list[T]:
        values = list(dict.fromkeys(convert(part.strip()) for part in text.split(",")))
        for value in values:
            if known is not None and value not in known:
                raise argparse.ArgumentTypeError(f"{value!r} is none of {', '.join(map(str, known))}")
        return values

    return parse


def cpus(text: str) -> list[int]:
    """A type for argparse: numbers of CPUs that this process may use itself."""
    values = listed(int)(text)
    if not set(values) <= os.sched_getaffinity(0):
        raise argparse.ArgumentTypeError(f"this process may run on {sorted(os.sched_getaffinity(0))} only")
    return values


def parse_hosts(text: str) -> Hosts:
    """``name:port,name:port``; the port may be left out."""
    found = []
    for part in text.split(","):
        name, _, port = part.strip().rpartition(":")
        found.append((name, int(port)) if name else (port, _PORT))
    return tuple(found)


def add_server_options(parser: argparse.ArgumentParser) -> None:
    """Which server to measure on."""
    parser.add_argument(
        "--hosts",
        default=os.environ.get("TRIOSPIKE_TEST_HOSTS", ""),
        metavar="H:P[,H:P]",
        help="seeds of a cluster; default: TRIOSPIKE_TEST_HOSTS, else an embedded server in a process of its own",
    )
    parser.add_argument(
        "--namespace",
        default=os.environ.get("TRIOSPIKE_TEST_NAMESPACE", "test"),
        metavar="NAME",
        help="where records may be written: in sets whose names begin with bench-, emptied afterwards",
    )
    parser.add_argument("--server-cpus", type=cpus, default=[], metavar="N,N", help="pin the embedded server")


@contextmanager
def cluster(options: argparse.Namespace) -> Iterator[tuple[Hosts, bool]]:
    """The cluster that was asked for, and whether it is embedded, for the length of a block."""
    if options.hosts:
        yield parse_hosts(options.hosts), False
    else:
        with serving(options.namespace, cpus=options.server_cpus) as hosts:
            yield hosts, True
