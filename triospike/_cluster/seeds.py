"""Finding a first node: all seeds side by side, every address of each (protocol section 16.2)."""

from __future__ import annotations

import attrs
import trio

from ..errors import AerospikeError
from ..host import Host
from ..policy.client import ClientPolicy
from .asker import Asker
from .node_validator import Network, Validated, Validator
from .peers_parser import PeersReply, translate
from .tend import is_loopback

__all__ = ["Found", "SeedSearch"]


@attrs.frozen(eq=False)
class Found:
    """A seed that is a node.

    Attributes:
        validated: The node, with an open connection.
        peers: Its peers; none when they are not to be used.
        rank: Place of the seed among the seeds.
    """

    validated: Validated
    peers: PeersReply
    rank: int


class SeedSearch:
    """One search among the seeds. Whoever is done with it calls `close`.

    Args:
        network: How to reach servers.
        validator: Checks who answers.
        asker: Asks for peers.
        policy: The client's.

    Attributes:
        found: Nodes, best first: the one that knows peers ended the search and is alone; otherwise those
            without peers, in the order of the seeds.
        answered: The seeds that are nodes.
    """

    def __init__(self, network: Network, validator: Validator, asker: Asker, policy: ClientPolicy) -> None:
        self.found: list[Found] = []
        self.answered: set[Host] = set()
        self._failures: list[tuple[int, str, Exception]] = []
        self._network = network
        self._validator = validator
        self._asker = asker
        self._policy = policy

    async def run(self, seeds: tuple[Host, ...]) -> None:
        """Try them all; the first with peers ends the search. Raises nothing about seeds: see `failures`."""
        async with trio.open_nursery() as nursery:
            for rank, seed in enumerate(seeds):
                nursery.start_soon(self._try_seed, rank, seed, nursery)
        with_peers = [found for found in self.found if found.peers.peers]
        self._keep(with_peers[:1] or sorted(self.found, key=lambda found: found.rank))

    @property
    def failures(self) -> dict[str, Exception]:
        """What was wrong with the others, by seed and address, in the order of the seeds."""
        return {label: error for _, label, error in sorted(self._failures, key=lambda failure: failure[:2])}

    def close(self) -> None:
        """Close the connections of nodes that nobody has adopted."""
        self._keep([])

    def take(self, *, all_of_them: bool) -> list[Found]:
        """Hand over the best node, or all of them: closing their connections is the caller's business now."""
        taken = self.found if all_of_them else self.found[:1]
        self.found = self.found[len(taken) :]
        self.close()
        return taken

    def _keep(self, chosen: list[Found]) -> None:
        """Keep these, but only one of each node; close the others."""
        names: set[str] = set()
        kept: list[Found] = []
        for found in chosen:
            if found.validated.identity.name not in names:
                names.add(found.validated.identity.name)
                kept.append(found)
        for found in self.found:
            if found not in kept:
                found.validated.connection.close()
        self.found = kept

    async def _try_seed(self, rank: int, seed: Host, nursery: trio.Nursery) -> None:
        target = translate(seed, self._policy.ip_map)
        try:
            addresses = await self._asker.within(seed, lambda: self._network.resolve(target.name, target.port))
        except (AerospikeError, OSError) as error:
            self._failures.append((rank, str(seed), error))
            return
        for address in addresses:
            nursery.start_soon(self._try_address, rank, seed, address, nursery)

    async def _try_address(self, rank: int, seed: Host, address: Host, nursery: trio.Nursery) -> None:
        try:
            found = await self._examine(rank, seed, address)
        except (AerospikeError, OSError) as error:
            label = str(seed) if seed.name == address.name else f"{seed} ({address})"
            self._failures.append((rank, label, error))
            return
        self.found.append(found)
        self.answered.add(seed)
        if found.peers.peers:
            nursery.cancel_scope.cancel()

    async def _examine(self, rank: int, seed: Host, address: Host) -> Found:
        if self._policy.force_single_node:
            return Found(await self._validator.validate(address), PeersReply(0, ()), rank)
        services = "" if is_loopback(address.name) else self._asker.services_command()
        validated = await self._validator.validate(address, services=services)
        try:
            peers = await self._asker.within(address, lambda: self._asker.peers(validated.connection))
            return Found(await self._behind_balancer(seed, validated), peers, rank)
        except BaseException:
            validated.connection.close()
            raise

    async def _behind_balancer(self, seed: Host, validated: Validated) -> Validated:
        """The node at its own address, if the seed's is not one of them: a load balancer may answer there.

        If none of its own addresses can be reached, the seed's has to do.
        """
        services = [translate(host, self._policy.ip_map) for host in validated.identity.services]
        if not services or any(_same(host, known) for host in services for known in (seed, validated.host)):
            return validated
        direct, _ = await self._validator.first_of(services, expected=validated.identity.name)
        if direct is None:
            return validated
        validated.connection.close()
        return direct


def _same(one: Host, other: Host) -> bool:
    return (one.name, one.port) == (other.name, other.port)
