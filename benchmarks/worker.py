"""The process of one peer: ``python -m benchmarks.worker``, told what to do by its parent on stdin.

It says, a line of JSON each: ``imported`` with the memory baseline, ``ready`` when connected and proved right, the
figures of each round; or, at any time, ``absent``, ``cannot`` or ``failed`` with the reason, and ends.
"""

from __future__ import annotations

import importlib
import importlib.metadata
import traceback
from contextlib import suppress

from .drivers.channel import Channel
from .peers import PEERS, Peer
from .peers.base import CannotDoError
from .sampling import resident
from .sockets import allow_many_sockets

__all__ = ["main"]


def main() -> None:
    """Run."""
    channel = Channel()
    job = channel.job()
    peer = PEERS[job.peer]
    try:
        for module in peer.needs:
            importlib.import_module(module)
    except ImportError as error:
        channel.say(absent=str(error))
        return
    allow_many_sockets()
    package = __package__ or "benchmarks"
    driver = importlib.import_module(f"{package}.drivers.{peer.driver}")
    calls = importlib.import_module(f"{package}.peers.{peer.module}")
    channel.baseline = resident()
    channel.say(imported=channel.baseline, versions=versions(peer))
    try:
        driver.run(calls, job, channel)
    except Exception as error:  # whatever a peer fails with is told
        single = _single(error)
        if isinstance(single, CannotDoError):
            channel.say(cannot=str(single))
        else:
            traceback.print_exception(error)
            channel.say(failed=f"{type(single).__name__}: {single}"[:500])


def versions(peer: Peer) -> dict[str, str]:
    """Versions of the distributions that a peer is made of, as far as they are known."""
    found = {}
    for name in peer.packages:
        with suppress(importlib.metadata.PackageNotFoundError):
            found[name] = importlib.metadata.version(name)
    if "triospike" in peer.needs:
        found["triospike"] = str(importlib.import_module("triospike").__version__)
    return found


def _single(error: BaseException) -> BaseException:
    """What a group holds, if it is one thing."""
    while isinstance(error, BaseExceptionGroup) and len(error.exceptions) == 1:
        error = error.exceptions[0]
    return error


if __name__ == "__main__":
    main()
