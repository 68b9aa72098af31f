"""Policies: frozen settings of clients, event loops and commands. Times are seconds."""

from .apply import ApplyPolicy as ApplyPolicy
from .base import BasePolicy as BasePolicy
from .batch import (
    BatchApplyPolicy as BatchApplyPolicy,
    BatchPolicy as BatchPolicy,
    BatchReadPolicy as BatchReadPolicy,
    BatchRemovePolicy as BatchRemovePolicy,
    BatchWritePolicy as BatchWritePolicy,
)
from .client import ClientPolicy as ClientPolicy
from .enums import (
    CommitLevel as CommitLevel,
    GenerationPolicy as GenerationPolicy,
    KeyPolicy as KeyPolicy,
    QueryDuration as QueryDuration,
    ReadModeAP as ReadModeAP,
    ReadModeSC as ReadModeSC,
    RecordExistsAction as RecordExistsAction,
    Replica as Replica,
    Ttl as Ttl,
)
from .event_loop import EventPolicy as EventPolicy
from .info import InfoPolicy as InfoPolicy
from .query import QueryPolicy as QueryPolicy
from .read import ReadPolicy as ReadPolicy
from .write import OperatePolicy as OperatePolicy, RemovePolicy as RemovePolicy, WritePolicy as WritePolicy
