"""How scans and queries run."""

from __future__ import annotations

import attrs

from ._validators import count, flag, member, seconds
from .base import BasePolicy
from .enums import QueryDuration, Replica

__all__ = ["QueryPolicy"]

_UINT32 = 0xFFFFFFFF


@attrs.frozen(kw_only=True, slots=True)
class QueryPolicy(BasePolicy):
    """Policy of `query` (C: ``as_policy_query``, ``as_policy_scan``, and the limits of ``as_query``).

    The C client's ``info_timeout`` and ``fail_on_cluster_change`` are for servers before 6.0 and not here.

    Attributes:
        socket_timeout: Longest silence of a node. The time in which the program is behind with the records does
            not count. The server gives up a client that takes nothing for this long; this client then goes on
            where it was. Default: 30.
        total_timeout: The whole query, the program's own time between records included; 0 is no limit.
            Default: 0.
        max_retries: How many times in a row partitions may be asked for anew without any progress in between.
            Default: 5.
        sleep_between_retries: Sleep before partitions are asked for anew. When nodes fail, the later of these
            sleeps are at least as long as it takes a cluster to notice, up to 2 seconds. Default: 0.
        max_records: Most records to return; 0 is no limit. Exact: the nodes are asked again until there are so
            many or no more. Default: 0.
        records_per_second: Most records that each node goes through in a second; 0 is no limit. Default: 0.
        include_bin_data: Return the bins; else only keys, generations and expiry. Default: True.
        expected_duration: What the server shall prepare for. Default: LONG.
        replica: Which replica to ask; RANDOM is not possible. Default: SEQUENCE.
        max_concurrent_nodes: Most nodes at work at once; 0 is all, as far as the event loop's limit allows.
            Default: 0.
        deserialize: Make Python values of lists and maps; else they come as `OpaqueBlob`, which costs less and
            can be written back as it is. Default: True.
    """

    total_timeout: float = attrs.field(default=0.0, validator=seconds)
    max_retries: int = attrs.field(default=5, validator=count(0))
    max_records: int = attrs.field(default=0, validator=count(0, (1 << 63) - 1))
    records_per_second: int = attrs.field(default=0, validator=count(0, _UINT32))
    include_bin_data: bool = attrs.field(default=True, validator=flag)
    expected_duration: QueryDuration = attrs.field(default=QueryDuration.LONG, validator=member(QueryDuration))
    replica: Replica = attrs.field(
        default=Replica.SEQUENCE, validator=member([each for each in Replica if each is not Replica.RANDOM])
    )
    max_concurrent_nodes: int = attrs.field(default=0, validator=count(0))
    deserialize: bool = attrs.field(default=True, validator=flag)
