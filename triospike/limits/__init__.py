"""What the limits should be, and whether those that are set fit each other: arithmetic only, nothing is opened.

Four limits hang together. A server node takes ``proto-fd-max`` client connections, whoever opens them. Each
client program opens at most ``async_max_conns_per_node`` to a node, for all of its event loops together, and one
more to tend it. A command in process needs one connection, so a program never uses more than
``max_commands_in_process`` times its event loops on one node. What finds no place waits in the queue of its
event loop, ``max_commands_in_queue`` long.

With a ``pipeline_depth`` so many commands share a connection, of which there are ``pipe_max_conns_per_node`` to a
node; the other limit is then for batches, scans and queries.
"""

from .checking import (
    LimitsWarning as LimitsWarning,
    connection_limit as connection_limit,
    contradictions as contradictions,
)
from .recommendation import Recommendation as Recommendation
from .sizing import recommend as recommend
