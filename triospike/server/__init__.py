"""An Aerospike cluster inside a Trio program, for tests and trials: real sockets, records in memory."""

from .config import NamespaceConfig as NamespaceConfig, ServerConfig as ServerConfig
from .faults import (
    CommandKind as CommandKind,
    Fault as Fault,
    FaultHandle as FaultHandle,
    FaultKind as FaultKind,
    FaultTable as FaultTable,
)
from .node import NodeState as NodeState, ServerNode as ServerNode
from .serve import serve_aerospike as serve_aerospike
from .server import Server as Server
