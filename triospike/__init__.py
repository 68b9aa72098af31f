"""A Trio-native client for the Aerospike database, with an embedded server."""

from . import exp as exp, operations as operations
from ._execution.aggregation import AggregatedValues as AggregatedValues
from ._execution.event_loop import EventLoop as EventLoop
from ._execution.event_loops import EventLoops as EventLoops, open_event_loops as open_event_loops
from ._execution.prepared import Prepared as Prepared
from ._execution.query_records import QueryRecords as QueryRecords
from ._execution.submitted import SubmitState as SubmitState, Submitted as Submitted
from ._version import __version__ as __version__
from .admin import (
    CollectionKind as CollectionKind,
    Configuration as Configuration,
    IndexInfo as IndexInfo,
    IndexKind as IndexKind,
    IndexStatistics as IndexStatistics,
    JobInfo as JobInfo,
    NamespaceInfo as NamespaceInfo,
    NodeInfo as NodeInfo,
    SetInfo as SetInfo,
    UdfModule as UdfModule,
)
from .batch import (
    BatchApply as BatchApply,
    BatchDelete as BatchDelete,
    BatchError as BatchError,
    BatchItem as BatchItem,
    BatchRead as BatchRead,
    BatchResult as BatchResult,
    BatchWrite as BatchWrite,
)
from .client import Client as Client
from .embedded import open_embedded_server as open_embedded_server
from .errors import (
    AerospikeError as AerospikeError,
    BinExists as BinExists,
    BinNotFound as BinNotFound,
    BinTypeError as BinTypeError,
    ClientClosed as ClientClosed,
    ClusterNameMismatch as ClusterNameMismatch,
    CommandCancelled as CommandCancelled,
    CommandTimeout as CommandTimeout,
    ConnectionFailed as ConnectionFailed,
    ElementError as ElementError,
    EnterpriseOnly as EnterpriseOnly,
    FilteredOut as FilteredOut,
    Forbidden as Forbidden,
    ForkedClient as ForkedClient,
    GenerationError as GenerationError,
    IndexFailed as IndexFailed,
    IndexFound as IndexFound,
    IndexNotFound as IndexNotFound,
    IndexNotReadable as IndexNotReadable,
    InvalidNode as InvalidNode,
    InvalidRequest as InvalidRequest,
    KeyBusy as KeyBusy,
    KeyMismatch as KeyMismatch,
    MaxErrorRate as MaxErrorRate,
    NoMoreConnections as NoMoreConnections,
    OperationNotApplicable as OperationNotApplicable,
    Overloaded as Overloaded,
    PartitionUnavailable as PartitionUnavailable,
    PeersUnreachable as PeersUnreachable,
    ProtocolError as ProtocolError,
    QueueFull as QueueFull,
    RecordExists as RecordExists,
    RecordNotFound as RecordNotFound,
    RecordTooBig as RecordTooBig,
    SecurityError as SecurityError,
    ServerError as ServerError,
    UdfError as UdfError,
)
from .host import Host as Host
from .key import Key as Key
from .limits import LimitsWarning as LimitsWarning
from .opening import open_client as open_client
from .policy import (
    ApplyPolicy as ApplyPolicy,
    BatchApplyPolicy as BatchApplyPolicy,
    BatchPolicy as BatchPolicy,
    BatchReadPolicy as BatchReadPolicy,
    BatchRemovePolicy as BatchRemovePolicy,
    BatchWritePolicy as BatchWritePolicy,
    ClientPolicy as ClientPolicy,
    CommitLevel as CommitLevel,
    EventPolicy as EventPolicy,
    GenerationPolicy as GenerationPolicy,
    InfoPolicy as InfoPolicy,
    KeyPolicy as KeyPolicy,
    OperatePolicy as OperatePolicy,
    QueryDuration as QueryDuration,
    QueryPolicy as QueryPolicy,
    ReadModeAP as ReadModeAP,
    ReadModeSC as ReadModeSC,
    ReadPolicy as ReadPolicy,
    RecordExistsAction as RecordExistsAction,
    RemovePolicy as RemovePolicy,
    Replica as Replica,
    Ttl as Ttl,
    WritePolicy as WritePolicy,
)
from .query import (
    Cursor as Cursor,
    Filter as Filter,
    PartitionFilter as PartitionFilter,
    QueryProgress as QueryProgress,
    Statement as Statement,
)
from .record import Record as Record
from .result_code import ResultCode as ResultCode
from .task import (
    ExecuteTask as ExecuteTask,
    IndexDropTask as IndexDropTask,
    IndexTask as IndexTask,
    Task as Task,
    TaskProgress as TaskProgress,
    UdfRemovalTask as UdfRemovalTask,
    UdfTask as UdfTask,
)
from .values import (
    HLL as HLL,
    GeoJSON as GeoJSON,
    KeyOrderedMap as KeyOrderedMap,
    infinity as infinity,
    wildcard as wildcard,
)
