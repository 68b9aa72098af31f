"""Policies: frozen settings of clients, event loops and commands. Times are seconds."""

from .base import BasePolicy as BasePolicy
from .client import ClientPolicy as ClientPolicy
from .enums import (
    CommitLevel as CommitLevel,
    GenerationPolicy as GenerationPolicy,
    KeyPolicy as KeyPolicy,
    ReadModeAP as ReadModeAP,
    ReadModeSC as ReadModeSC,
    RecordExistsAction as RecordExistsAction,
    Replica as Replica,
    Ttl as Ttl,
)
from .event_loop import EventPolicy as EventPolicy
from .info import InfoPolicy as InfoPolicy
from .read import ReadPolicy as ReadPolicy
from .write import OperatePolicy as OperatePolicy, RemovePolicy as RemovePolicy, WritePolicy as WritePolicy
