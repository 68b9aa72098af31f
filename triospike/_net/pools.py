"""Which pools a policy asks for."""

from __future__ import annotations

from typing import Literal

from ..host import Host
from .connection_pool import ConnectionPool
from .pipeline_pool import PipelinePool
from .poller import Poller
from .pool import AnyPool

__all__ = ["make_pools"]


def make_pools(
    host: Host,
    *,
    limit: int,
    min_connections: int,
    max_socket_idle: float,
    when_no_connection: Literal["wait", "raise"],
    pipeline_depth: int,
    pipeline_limit: int,
    name: str,
    poller: Poller | None,
) -> tuple[AnyPool, ConnectionPool]:
    """A node's pool for commands on one record, and the one for answers of many frames.

    They are one and the same, unless a ``pipeline_depth`` over 1 asks for connections that carry that many
    commands at once: a long answer would hold up those behind it, so it gets a connection of its own. The two
    pools have limits of their own then, as in the C client.
    """
    own = ConnectionPool(
        host,
        limit=limit,
        min_connections=0 if pipeline_depth > 1 else min_connections,
        max_socket_idle=max_socket_idle,
        when_no_connection=when_no_connection,
        name=name,
        poller=poller,
    )
    if pipeline_depth == 1:
        return own, own
    shared = PipelinePool(
        host,
        depth=pipeline_depth,
        limit=pipeline_limit,
        min_connections=min_connections,
        max_socket_idle=max_socket_idle,
        when_no_connection=when_no_connection,
        name=name,
        poller=poller,
    )
    return shared, own
