"""The peers: which there are, what each needs, and how it is driven. Each client has a file beside this one."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

__all__ = ["NODE", "PEERS", "Peer"]

NODE = "node"
"""The peer that is not Python; its client is looked up from a folder that options name."""

_NO_UVLOOP = {"AEROSPIKE_NO_UVLOOP": "1"}
"""Keeps aerospike-native from replacing asyncio's loop."""


@dataclass(frozen=True, kw_only=True)
class Peer:
    """A way to reach Aerospike from Python, or from elsewhere to compare with.

    Attributes:
        title: For people.
        module: The file here that knows how to call it.
        driver: The file of `drivers` that runs it.
        needs: Modules to import before its memory's baseline is taken.
        packages: Distributions whose versions are told.
        program: What runs in place of Python: a program, then arguments and a file of this package.
        environment: Variables that its process needs.
        options: Settings for its module.
        only: Workloads that it is there for; empty for all.
        most: Commands in flight that it can have; 0 is no bound.
    """

    title: str
    module: str = ""
    driver: str = ""
    needs: tuple[str, ...] = ()
    packages: tuple[str, ...] = ()
    program: tuple[str, ...] = ()
    environment: dict[str, str] = field(default_factory=dict)
    options: dict[str, Any] = field(default_factory=dict)
    only: tuple[str, ...] = ()
    most: int = 0


def _ours(title: str, only: tuple[str, ...] = (), **options: Any) -> Peer:
    return Peer(
        title=title,
        module="triospike_peer",
        driver="on_trio",
        needs=("trio", "triospike"),
        packages=("trio",),
        options=options,
        only=only,
    )


def _official(
    title: str, driver: str, *more: str, most: int = 0, only: tuple[str, ...] = (), **options: Any
) -> Peer:
    return Peer(
        title=title,
        module="official",
        driver=driver,
        needs=("aerospike", *more),
        packages=("aerospike", *more),
        most=most,
        only=only,
        options=options,
    )


def _on_three_loops(name: str, module: str, needs: str, **more: Any) -> dict[str, Peer]:
    """A client for asyncio: on its own loop, on uvloop, and from Trio by trio-asyncio."""
    ways = {
        "asyncio": ("on_asyncio", ()),
        "uvloop": ("on_uvloop", ("uvloop",)),
        "trio-asyncio": ("by_trio_asyncio", ("trio", "trio_asyncio")),
    }
    return {
        f"{name}-{way}": Peer(
            title=f"{name} on {way}" if way != "trio-asyncio" else f"{name} through trio-asyncio",
            module=module,
            driver=driver,
            needs=(needs, *loop),
            packages=(name, *loop),
            **more,
        )
        for way, (driver, loop) in ways.items()
    }


PEERS: dict[str, Peer] = {
    "triospike": _ours("triospike"),
    "triospike-pipelined": _ours("triospike, pipelined", pipelined=True),
    "triospike-chunks": _ours("triospike, records.chunks()", only=("scan",), scan="chunks"),
    "floor": Peer(
        title="floor: bare sockets on Trio",
        module="floor",
        driver="on_trio",
        needs=("trio", "triospike"),
        packages=("trio",),
        only=("get", "put", "mix", "operate"),
    ),
    "official-loop": _official("official client, plain loop", "in_a_loop", most=1),
    "official-results": _official(
        "official client, results()", "in_a_loop", most=1, only=("scan",), scan="results"
    ),
    "official-threads": _official("official client, threads", "in_threads"),
    "official-to-thread": _official("official client, trio.to_thread", "by_to_thread", "trio"),
    **_on_three_loops("aerospike-native", "native", "aerospike_native", environment=_NO_UVLOOP),
    **_on_three_loops("aerospike-py", "aerospike_py_peer", "aerospike_py"),
    **_on_three_loops("aioaerospike", "aioaerospike_peer", "aioaerospike"),
    # Its garbage is collected before each round, as Python's is; that takes an option.
    NODE: Peer(title="Node.js: C client, asynchronous", program=("node", "--expose-gc", "node/worker.js")),
}
