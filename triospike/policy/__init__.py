"""Policies: frozen settings of clients, event loops and commands. Times are seconds."""

from .base import BasePolicy as BasePolicy
from .client import ClientPolicy as ClientPolicy
from .enums import (
    CommitLevel as CommitLevel,
)
from .enums import (
    GenerationPolicy as GenerationPolicy,
)
from .enums import (
    KeyPolicy as KeyPolicy,
)
from .enums import (
    ReadModeAP as ReadModeAP,
)
from .enums import (
    ReadModeSC as ReadModeSC,
)
from .enums import (
    RecordExistsAction as RecordExistsAction,
)
from .enums import (
    Replica as Replica,
)
from .enums import (
    Ttl as Ttl,
)
from .event_loop import EventPolicy as EventPolicy
from .info import InfoPolicy as InfoPolicy
from .read import ReadPolicy as ReadPolicy
from .write import OperatePolicy as OperatePolicy
from .write import RemovePolicy as RemovePolicy
from .write import WritePolicy as WritePolicy
