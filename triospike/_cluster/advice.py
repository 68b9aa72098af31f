"""What to say when a cluster can't be reached: one error that names the culprits and what would help. No I/O."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import attrs

from ..errors import (
    AerospikeError,
    ClusterNameMismatch,
    ConnectionFailed,
    PeersUnreachable,
    ProtocolError,
    SecurityError,
)
from ..host import Host
from .peers_parser import Peer

__all__ = ["Unreachable", "explain", "peers_unreachable", "seeds_failed"]


@attrs.frozen
class Unreachable:
    """A node that others advertise, and that can't be used.

    Attributes:
        name: The node's id.
        reasons: By advertised address, what is wrong with it; empty when no address is advertised.
    """

    name: str
    reasons: Mapping[Host, Exception] = attrs.field(hash=False)

    def __str__(self) -> str:
        if not self.reasons:
            return f"{self.name} (no address is advertised)"
        return f"{self.name} at " + ", ".join(
            f"{host} ({explain(reason, host)})" for host, reason in self.reasons.items()
        )


def explain(error: Exception, host: Host | None = None) -> str:
    """The reason in an error, without the host if that is named already."""
    text = (error.message if isinstance(error, AerospikeError) else "") or str(error) or type(error).__name__
    return text.removeprefix(f"can't connect to {host}: ") if host is not None else text


def seeds_failed(failures: Mapping[str, Exception]) -> AerospikeError:
    """One error for seeds that all failed.

    Args:
        failures: What was wrong, by seed.

    Returns:
        An error of the class that all failures have; a foreign cluster name outweighs the others, since it
        was a server of Aerospike that answered. Else `ConnectionFailed`.
    """
    errors = list(failures.values())
    cls: type[AerospikeError] = ConnectionFailed
    if any(isinstance(error, ClusterNameMismatch) for error in errors):
        cls = ClusterNameMismatch
    for common in (ProtocolError, SecurityError):
        if errors and all(isinstance(error, common) for error in errors):
            cls = common
    reasons = "; ".join(
        text if seed in (text := explain(error)) else f"{seed}: {text}" for seed, error in failures.items()
    )
    what = "no seed can be used" if len(failures) > 1 else "the seed can't be used"
    codes = {error.result_code for error in errors if isinstance(error, cls)}
    return cls(
        f"{what}: {reasons or 'there is none'}",
        result_code=codes.pop() if len(codes) == 1 else None,
        sub_errors=[error for error in errors if isinstance(error, AerospikeError)],
    )


def peers_unreachable(
    seed: Host,
    unreachable: Iterable[Unreachable],
    *,
    alternate: bool,
    other: Sequence[Peer],
) -> PeersUnreachable:
    """The error for a seed that answers while none of its peers does.

    Args:
        seed: The address that answers.
        unreachable: The peers.
        alternate: ``use_services_alternate`` is set.
        other: The peers with the addresses that the other setting of ``use_services_alternate`` would use.
    """
    peers = list(unreachable)
    advertised = {host for peer in peers for host in peer.reasons}
    kind = "alternate addresses" if alternate else "addresses"
    other_hosts = list(dict.fromkeys(host for peer in other for host in peer.hosts if host not in advertised))
    return PeersUnreachable(
        f"{seed} answers, but none of its peers can be reached at the {kind} that it advertises: "
        f"{'; '.join(map(str, peers))}. {_advice(advertised, other_hosts, alternate)}",
        sub_errors=[
            reason for peer in peers for reason in peer.reasons.values() if isinstance(reason, AerospikeError)
        ],
    )


def _advice(advertised: set[Host], other: Sequence[Host], alternate: bool) -> str:
    last_resort = "or use the seeds alone, without their peers, with ClientPolicy.force_single_node=True"
    if other:
        kind = "addresses" if alternate else "alternate addresses"
        return (
            f"The nodes advertise {kind} too ({', '.join(map(str, other))}): try "
            f"ClientPolicy.use_services_alternate={not alternate}, {last_resort}"
        )
    name = min((host.name for host in advertised), default="")
    if not name:
        return f"Have the servers advertise addresses (access-address), {last_resort}"
    return (
        "Say where they can be reached from here with ClientPolicy.ip_map, "
        f"as in ip_map={{{name!r}: 'reachable-name'}}, {last_resort}"
    )
