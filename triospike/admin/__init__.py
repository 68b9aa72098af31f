"""What servers tell of themselves, typed: namespaces, sets, indexes, modules, nodes, jobs, settings."""

from .._wire.opcodes import CollectionKind as CollectionKind
from .indexes import IndexInfo as IndexInfo, IndexKind as IndexKind, IndexStatistics as IndexStatistics
from .jobs import JobInfo as JobInfo
from .modules import UdfModule as UdfModule
from .namespaces import NamespaceInfo as NamespaceInfo, SetInfo as SetInfo
from .nodes import Configuration as Configuration, NodeInfo as NodeInfo
