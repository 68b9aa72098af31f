"""How a client finds, watches and connects to a cluster."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial
from types import MappingProxyType
from typing import Literal

import attrs

from ._validators import count, flag, member, seconds
from .apply import ApplyPolicy
from .batch import BatchApplyPolicy, BatchPolicy, BatchRemovePolicy, BatchWritePolicy
from .info import InfoPolicy
from .query import QueryPolicy
from .read import ReadPolicy
from .write import OperatePolicy, RemovePolicy, WritePolicy

__all__ = ["ClientPolicy"]

MIN_TEND_INTERVAL = 0.05
MAX_SOCKET_IDLE = 86_400.0


def _frozen_map(value: Mapping[str, str]) -> Mapping[str, str]:
    return MappingProxyType(dict(value))


def _ranks(value: Iterable[int]) -> tuple[int, ...]:
    return tuple(value)


@attrs.frozen(kw_only=True, slots=True)
class ClientPolicy:
    """Policy of a client (C: ``as_config``). Times are seconds.

    Attributes:
        cluster_name: Refuse nodes that belong to another cluster; empty checks nothing. Default: "".
        async_max_conns_per_node: Connections to one node, shared by all event loops: not divided among
            them, as the C client does. None takes ``max_commands_in_process`` times the number of loops, as
            the C client's authors advise, or 100 where the loops have no limit. Default: None.
        async_min_conns_per_node: Connections opened ahead and kept up. Default: 0.
        when_no_connection: What a command meets at the limit: "wait", within its timeouts, first come first
            served, or "raise" `NoMoreConnections` after its retries, as the C client does. Default: "wait".
        pipeline_depth: Commands that share one connection at once, their answers in order. 1 gives each command
            a connection of its own. More means fewer connections and system calls, and that a slow command
            holds up those behind it. Batches, scans and queries get connections of their own. Default: 1.
        pipe_max_conns_per_node: With a ``pipeline_depth`` over 1, connections to one node for the commands that
            share them; ``async_max_conns_per_node`` is then the limit of those for batches, scans and queries.
            None takes the same number. Default: None.
        max_socket_idle: A pooled connection idle for longer is not used. 0 checks nothing on use, and
            closes what was idle for 55 s. At most a day. Default: 0.
        max_error_rate: Errors of one node in a window after which commands to it fail at once with
            `MaxErrorRate`; 0 is no limit. Default: 100.
        error_rate_window: Length of the window, in tend intervals. Default: 1.
        tend_interval: Time between two looks at the cluster. Default: 1.
        conn_timeout: Opening and asking a connection while tending. Default: 1.
        fail_if_not_connected: Raise from `open_client` when no seed answers; else keep trying. Default: True.
        use_services_alternate: Connect to the nodes' alternate addresses. Default: False.
        ip_map: Addresses that servers advertise, and what to connect to instead. Default: empty.
        force_single_node: Use the seeds only, never their peers, and route everything to them. Default:
            False.
        rack_aware: Ask the nodes for their racks; needed for Replica.PREFER_RACK. Default: False.
        rack_ids: The racks of this client, the best first. Default: (0,).
        event_loops: Number of event loops to make when none are given to `open_client`. Default: 1.
        read: Default policy of `get` and `exists`.
        write: Default policy of `put`, `add`, `append`, `prepend` and `touch`.
        operate: Default policy of `operate`.
        remove: Default policy of `delete`.
        info: Default policy of `info`.
        query: Default policy of `query` and `aggregate`.
        apply: Default policy of `apply`.
        batch: Default policy of batches.
        batch_write: Default policy of rows that write in a batch.
        batch_remove: Default policy of rows that delete in a batch.
        batch_apply: Default policy of rows that apply a function in a batch.
    """

    cluster_name: str = attrs.field(default="", validator=attrs.validators.instance_of(str))
    async_max_conns_per_node: int | None = attrs.field(default=None, validator=count(1, none=True))
    async_min_conns_per_node: int = attrs.field(default=0, validator=count(0))
    when_no_connection: Literal["wait", "raise"] = attrs.field(default="wait", validator=member(("wait", "raise")))
    pipeline_depth: int = attrs.field(default=1, validator=count(1))
    pipe_max_conns_per_node: int | None = attrs.field(default=None, validator=count(1, none=True))
    max_socket_idle: float = attrs.field(default=0.0, validator=seconds)
    max_error_rate: int = attrs.field(default=100, validator=count(0))
    error_rate_window: int = attrs.field(default=1, validator=count(1))
    tend_interval: float = attrs.field(default=1.0, validator=seconds)
    conn_timeout: float = attrs.field(default=1.0, validator=seconds)
    fail_if_not_connected: bool = attrs.field(default=True, validator=flag)
    use_services_alternate: bool = attrs.field(default=False, validator=flag)
    ip_map: Mapping[str, str] = attrs.field(factory=dict, converter=_frozen_map, hash=False)
    force_single_node: bool = attrs.field(default=False, validator=flag)
    rack_aware: bool = attrs.field(default=False, validator=flag)
    rack_ids: tuple[int, ...] = attrs.field(default=(0,), converter=_ranks)
    event_loops: int = attrs.field(default=1, validator=count(1))
    read: ReadPolicy = attrs.field(factory=ReadPolicy, validator=attrs.validators.instance_of(ReadPolicy))
    write: WritePolicy = attrs.field(factory=WritePolicy, validator=attrs.validators.instance_of(WritePolicy))
    operate: OperatePolicy = attrs.field(
        factory=OperatePolicy, validator=attrs.validators.instance_of(OperatePolicy)
    )
    remove: RemovePolicy = attrs.field(factory=RemovePolicy, validator=attrs.validators.instance_of(RemovePolicy))
    info: InfoPolicy = attrs.field(factory=InfoPolicy, validator=attrs.validators.instance_of(InfoPolicy))
    query: QueryPolicy = attrs.field(factory=QueryPolicy, validator=attrs.validators.instance_of(QueryPolicy))
    apply: ApplyPolicy = attrs.field(factory=ApplyPolicy, validator=attrs.validators.instance_of(ApplyPolicy))
    batch: BatchPolicy = attrs.field(factory=BatchPolicy, validator=attrs.validators.instance_of(BatchPolicy))
    batch_write: BatchWritePolicy = attrs.field(
        factory=BatchWritePolicy, validator=attrs.validators.instance_of(BatchWritePolicy)
    )
    batch_remove: BatchRemovePolicy = attrs.field(
        factory=BatchRemovePolicy, validator=attrs.validators.instance_of(BatchRemovePolicy)
    )
    batch_apply: BatchApplyPolicy = attrs.field(
        factory=BatchApplyPolicy, validator=attrs.validators.instance_of(BatchApplyPolicy)
    )

    def __attrs_post_init__(self) -> None:
        if self.tend_interval < MIN_TEND_INTERVAL:
            raise ValueError(f"ClientPolicy.tend_interval must be at least {MIN_TEND_INTERVAL} s")
        if self.max_socket_idle > MAX_SOCKET_IDLE:
            raise ValueError(f"ClientPolicy.max_socket_idle must be at most {MAX_SOCKET_IDLE:g} s")
        if not self.rack_ids or not all(isinstance(rack, int) for rack in self.rack_ids):
            raise ValueError(f"ClientPolicy.rack_ids must hold at least one int, not {self.rack_ids!r}")

    def __reduce__(self) -> tuple[partial[ClientPolicy], tuple[()]]:
        # By its fields: the read-only view of ip_map can be neither pickled nor copied.
        fields = {field.name: getattr(self, field.name) for field in attrs.fields(ClientPolicy)}
        return partial(ClientPolicy, **{**fields, "ip_map": dict(self.ip_map)}), ()
