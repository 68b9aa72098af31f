"""What an embedded cluster is made of: frozen, validated when it is made."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import attrs

from ..key import MAX_NAMESPACE_BYTES

__all__ = ["MAX_TTL", "NamespaceConfig", "ServerConfig"]

MAX_TTL = 10 * 365 * 24 * 3600
"""Longest time to live that a server takes, in seconds."""

_MAX_NAMESPACES = 32
_MAX_REPLICAS = 128


def _between(low: float, high: float) -> Any:
    def check(instance: object, attribute: attrs.Attribute[Any], value: object) -> None:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise TypeError(f"{attribute.name} must be a number, not {type(value).__name__}")
        if not low <= value <= high:
            raise ValueError(f"{attribute.name} must be between {low} and {high}: {value}")

    return check


def _int_between(low: int, high: int) -> Any:
    def check(instance: object, attribute: attrs.Attribute[Any], value: object) -> None:
        if isinstance(value, bool) or not isinstance(value, int):
            raise TypeError(f"{attribute.name} must be an int, not {type(value).__name__}")
        if not low <= value <= high:
            raise ValueError(f"{attribute.name} must be between {low} and {high}: {value}")

    return check


def _bool(instance: object, attribute: attrs.Attribute[Any], value: object) -> None:
    if not isinstance(value, bool):
        raise TypeError(f"{attribute.name} must be a bool, not {type(value).__name__}")


def _name(instance: object, attribute: attrs.Attribute[Any], value: object) -> None:
    if not isinstance(value, str):
        raise TypeError(f"{attribute.name} must be a str, not {type(value).__name__}")
    if not 1 <= len(value.encode()) <= MAX_NAMESPACE_BYTES:
        raise ValueError(f"{attribute.name} must be 1 to {MAX_NAMESPACE_BYTES} bytes long: {value!r}")
    if any(separator in value for separator in ";:,=/\n\t\0 "):
        raise ValueError(f"{attribute.name} must not hold a separator of info commands: {value!r}")


@attrs.frozen  # not kw_only: before attrs 25.4 no field can be exempt from that
class NamespaceConfig:
    """Settings of one namespace, the same on every node.

    Args:
        name: 1 to 31 bytes.
        replication_factor: Copies of each record, bounded by the number of nodes.
        default_ttl: Time to live of records written without one, in seconds; 0 is forever.
        nsup_period: Seconds between two removals of expired records; 0 means that none are removed, and then
            times to live are refused unless allow_ttl_without_nsup is set.
        allow_ttl_without_nsup: Take times to live although nothing removes what has expired.
        max_record_size: Largest record, in bytes.
        default_read_touch_ttl_pct: Reads renew records whose remaining life is within this percentage of
            the time to live they were written with; 0 is never.
    """

    name: str = attrs.field(validator=_name)
    replication_factor: int = attrs.field(default=2, kw_only=True, validator=_int_between(1, _MAX_REPLICAS))
    default_ttl: int = attrs.field(default=0, kw_only=True, validator=_int_between(0, MAX_TTL))
    nsup_period: float = attrs.field(default=1, kw_only=True, validator=_between(0, MAX_TTL))
    allow_ttl_without_nsup: bool = attrs.field(default=False, kw_only=True, validator=_bool)
    max_record_size: int = attrs.field(default=1 << 20, kw_only=True, validator=_int_between(1024, 8 << 20))
    default_read_touch_ttl_pct: int = attrs.field(default=0, kw_only=True, validator=_int_between(0, 100))

    def __attrs_post_init__(self) -> None:
        if self.default_ttl and not self.nsup_period and not self.allow_ttl_without_nsup:
            raise ValueError("default_ttl must be 0 while nsup_period is 0 and allow_ttl_without_nsup is not set")


def _build(instance: object, attribute: attrs.Attribute[Any], value: object) -> None:
    if not isinstance(value, str):
        raise TypeError(f"build must be a str, not {type(value).__name__}")
    if not re.fullmatch(r"\d+(\.\d+){3}(-[\w.-]+)?", value):
        raise ValueError(f"build must be four numbers, such as '8.1.2.0', and may have a suffix: {value!r}")


def _namespace_tuple(value: Iterable[NamespaceConfig]) -> tuple[NamespaceConfig, ...]:
    return tuple(value)


def _rack_tuple(value: Iterable[int]) -> tuple[int, ...]:
    return tuple(value)


def _namespaces(instance: object, attribute: attrs.Attribute[Any], value: tuple[NamespaceConfig, ...]) -> None:
    if not 1 <= len(value) <= _MAX_NAMESPACES:
        raise ValueError(f"namespaces must be 1 to {_MAX_NAMESPACES}: {len(value)}")
    for index, namespace in enumerate(value):
        if not isinstance(namespace, NamespaceConfig):
            raise TypeError(f"namespaces[{index}] must be a NamespaceConfig, not {type(namespace).__name__}")
        if namespace.name in {other.name for other in value[:index]}:
            raise ValueError(f"namespaces[{index}] has the name of an earlier one: {namespace.name!r}")


def _rack_ids(instance: ServerConfig, attribute: attrs.Attribute[Any], value: tuple[int, ...]) -> None:
    for index, rack in enumerate(value):
        if isinstance(rack, bool) or not isinstance(rack, int):
            raise TypeError(f"rack_ids[{index}] must be an int, not {type(rack).__name__}")
        if not 0 <= rack <= 1_000_000:
            raise ValueError(f"rack_ids[{index}] must be between 0 and 1000000: {rack}")
    if value and len(value) != instance.nodes:
        raise ValueError(f"rack_ids must have one rack for each of {instance.nodes} nodes: {value}")


_host_or_none = attrs.validators.optional(attrs.validators.instance_of(str))


@attrs.frozen(kw_only=True)
class ServerConfig:
    """Settings of an embedded cluster.

    Args:
        nodes: Number of nodes, each with a port of its own.
        namespaces: At least one; names differ.
        cluster_name: 1 to 31 bytes.
        host: Address that every node listens on, and that it tells its clients unless access_host is given.
        access_host: Address that it tells its clients instead of host; None for host itself. An address that
            nobody can reach is how clusters behind address translation look.
        alternate_host: Address that it tells clients who ask for alternate addresses; None for none.
        port: Port of the first node; node i listens on port + 100 * i. 0 takes any free ports.
        proto_fd_max: Client connections that a node takes; more are closed at once.
        build: Version that the nodes claim.
        rack_ids: One rack for each node, or empty for no racks.
        service_time: Seconds that every command takes on the server.
        migration_interval: Seconds between two partitions that move when the cluster changes; 0 moves all at
            once.
        index_build_time: Seconds that it takes each node to build an index, if there are any records; 0 takes no
            longer than it must.
        batch_max_requests: Most rows that a batch may have; 0 is no limit.
        batch_index_threads: 0 refuses every batch; no other number changes anything here.
    """

    nodes: int = attrs.field(default=1, validator=_int_between(1, _MAX_REPLICAS))
    namespaces: tuple[NamespaceConfig, ...] = attrs.field(
        default=(NamespaceConfig("test"),), converter=_namespace_tuple, validator=_namespaces
    )
    cluster_name: str = attrs.field(default="embedded", validator=_name)
    host: str = attrs.field(default="127.0.0.1", validator=attrs.validators.instance_of(str))
    access_host: str | None = attrs.field(default=None, validator=_host_or_none)
    alternate_host: str | None = attrs.field(default=None, validator=_host_or_none)
    port: int = attrs.field(default=0, validator=_int_between(0, 65535))
    proto_fd_max: int = attrs.field(default=15000, validator=_int_between(1, 2_147_483_647))
    build: str = attrs.field(default="8.1.2.0", validator=_build)
    rack_ids: tuple[int, ...] = attrs.field(default=(), converter=_rack_tuple, validator=_rack_ids)
    service_time: float = attrs.field(default=0.0, validator=_between(0, 3600))
    migration_interval: float = attrs.field(default=0.0, validator=_between(0, 3600))
    index_build_time: float = attrs.field(default=0.0, validator=_between(0, 3600))
    batch_max_requests: int = attrs.field(default=0, validator=_int_between(0, 4_294_967_295))
    batch_index_threads: int = attrs.field(default=1, validator=_int_between(0, 256))

    @port.validator
    def _last_port(self, attribute: attrs.Attribute[int], value: int) -> None:
        if value and value + 100 * (self.nodes - 1) > 65535:
            raise ValueError(f"port must leave room for {self.nodes} nodes, 100 apart: {value}")
