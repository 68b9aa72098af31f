"""Faults on purpose: what goes wrong, for which commands, how often. The connection loop asks once a command.

A fault says what to match (node, command, namespace, set, digest), then how often (skip, probability, count), then
what happens. Delays of all faults that hit a command add up; of the others the first that was added wins.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator
from enum import StrEnum
from functools import cached_property
from types import TracebackType
from typing import Any, TypeAlias

import attrs

from .._wire.flags import FieldType, FrameType, Info1, Info2
from .._wire.message import Message, decode_message
from .._wire.proto import MAX_BODY_SIZE, frame_type
from ..errors import ProtocolError

__all__ = ["CommandKind", "Fault", "FaultHandle", "FaultKind", "FaultTable", "Verdict", "command_kind"]


class FaultKind(StrEnum):
    """What goes wrong."""

    DELAY = "delay"
    """The command waits for `Fault.seconds`, then is executed."""
    DROP = "drop"
    """The command is neither executed nor answered, nor is any later one on its connection."""
    CLOSE_BEFORE = "close_before"
    """The connection is closed and the command not executed."""
    CLOSE_AFTER = "close_after"
    """The command is executed, then the connection closed without an answer."""
    TRUNCATE = "truncate"
    """The command is executed, `Fault.size` bytes of the answer are sent, then the connection is closed."""
    STALL = "stall"
    """The same, but the connection stays open and silent: so much of the answer arrives, and no more."""
    GARBLE = "garble"
    """The command is executed, and its answer's header or body (`Fault.part`) arrives damaged."""
    REFUSE = "refuse"
    """Connections are closed as soon as they are accepted. Filters for commands do not apply."""
    RESULT_CODE = "result_code"
    """The command is not executed and answered with the result code `Fault.code`."""
    ENDLESS = "endless"
    """The command is not executed; its answer announces `Fault.size` bytes and never ends."""


class CommandKind(StrEnum):
    """What a command is, told by its header alone."""

    DATA = "data"
    """In filters: everything but info, so that a client's tending goes on."""
    INFO = "info"
    ADMIN = "admin"
    READ = "read"
    WRITE = "write"
    """Changes a record and reads nothing: put, add, append, touch, ..."""
    DELETE = "delete"
    OPERATE = "operate"
    """Reads and writes in one command."""
    BATCH = "batch"
    QUERY = "query"
    UDF = "udf"


_GROUPS = {
    CommandKind.WRITE: {CommandKind.WRITE, CommandKind.DELETE, CommandKind.OPERATE, CommandKind.UDF},
    CommandKind.DATA: set(CommandKind) - {CommandKind.DATA, CommandKind.INFO},
}

CommandFilter: TypeAlias = CommandKind | Callable[[Message], bool]


def _command_filter(value: str | Callable[[Message], bool] | None) -> CommandFilter | None:
    return CommandKind(value) if isinstance(value, str) else value


def _not_negative(instance: object, attribute: attrs.Attribute[Any], value: float | None) -> None:
    if value is not None and not 0 <= value < math.inf:
        raise ValueError(f"{attribute.name} must be 0 or more: {value}")


def _in_range(low: float, high: float) -> Any:
    def check(instance: object, attribute: attrs.Attribute[Any], value: float) -> None:
        if not low <= value <= high:
            raise ValueError(f"{attribute.name} must be between {low} and {high}: {value}")

    return check


@attrs.frozen  # not kw_only: before attrs 25.4 no field can be exempt from that
class Fault:
    """One thing that goes wrong.

    Args:
        kind: What goes wrong: a `FaultKind` or its value.
        node: Index or id of the node it happens on; None for all.
        command: Kind of command, or a predicate on the decoded message (never asked for info requests).
            ``"write"`` covers delete, operate and udf as well, ``"data"`` everything but info, all others only
            themselves. None for all commands, a client's tending too.
        namespace: Only commands on this namespace.
        set_name: Only commands on this set.
        digest: Only commands on this record.
        probability: Chance that a matching command is hit, 0 to 1.
        seed: Seeds the random numbers of this fault alone, so that runs repeat.
        skip: So many matching commands pass unharmed first.
        count: At most so many commands are hit; None for no bound.
        seconds: Length of a delay.
        code: Result code of ``result_code``.
        size: Bytes of the answer that ``truncate`` and ``stall`` send (default 12: within the header of a message,
            or no bound if rows is set), or that ``endless`` announces (default: the largest that the protocol
            allows).
        rows: Whole rows of a batch, scan or query that ``truncate`` and ``stall`` send.
        part: What ``garble`` damages: ``"header"`` (the frame's first bytes) or ``"body"``.
    """

    kind: FaultKind = attrs.field(converter=FaultKind)
    node: int | str | None = attrs.field(default=None, kw_only=True)
    command: CommandFilter | None = attrs.field(default=None, kw_only=True, converter=_command_filter)
    namespace: str | None = attrs.field(default=None, kw_only=True)
    set_name: str | None = attrs.field(default=None, kw_only=True)
    digest: bytes | None = attrs.field(default=None, kw_only=True)
    probability: float = attrs.field(default=1.0, kw_only=True, validator=_in_range(0, 1))
    seed: int = attrs.field(default=0, kw_only=True)
    skip: int = attrs.field(default=0, kw_only=True, validator=_not_negative)
    count: int | None = attrs.field(default=None, kw_only=True, validator=_not_negative)
    seconds: float = attrs.field(default=0.0, kw_only=True, validator=_not_negative)
    code: int = attrs.field(default=1, kw_only=True, validator=_in_range(0, 255))
    size: int | None = attrs.field(default=None, kw_only=True, validator=_not_negative)
    rows: int | None = attrs.field(default=None, kw_only=True, validator=_not_negative)
    part: str = attrs.field(default="body", kw_only=True, validator=attrs.validators.in_({"header", "body"}))

    @property
    def answer_size(self) -> int:
        """`size`, or what it is by default."""
        if self.size is not None:
            return self.size
        return 12 if self.kind in {FaultKind.TRUNCATE, FaultKind.STALL} else MAX_BODY_SIZE

    def matches(self, command: _Command) -> bool:
        """Whether the filters let this command through to the fault."""
        if isinstance(self.command, CommandKind):
            if command.kind not in _GROUPS.get(self.command, {self.command}):
                return False
        elif self.command is not None and (command.message is None or not self.command(command.message)):
            return False
        return (
            (self.namespace is None or command.field(FieldType.NAMESPACE) == self.namespace.encode())
            and (self.set_name is None or (command.field(FieldType.SET) or b"") == self.set_name.encode())
            and (self.digest is None or command.field(FieldType.DIGEST) == self.digest)
        )


@attrs.frozen
class Verdict:
    """What happens to one command: a delay in seconds, and then perhaps a fault."""

    delay: float = 0.0
    fault: Fault | None = None


_UNHARMED = Verdict()


class FaultHandle:
    """A fault that is in force until it is removed; as a context manager, until the block ends."""

    def __init__(self, table: FaultTable, fault: Fault) -> None:
        self.fault = fault
        self.hits = 0
        """Commands, or for ``refuse`` connections, that it has hit."""
        self._table = table
        self._seen = 0
        self._random = random.Random(fault.seed)

    def remove(self) -> None:
        """End the fault; once is enough, twice is harmless. A command that it delays already stays delayed."""
        self._table._discard(self)

    def _hits_now(self) -> bool:
        """Count one matching command and tell whether it is hit."""
        fault = self.fault
        self._seen += 1
        if self._seen <= fault.skip or (fault.count is not None and self.hits >= fault.count):
            return False
        if fault.probability < 1 and self._random.random() >= fault.probability:
            return False
        self.hits += 1
        return True

    def __enter__(self) -> FaultHandle:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.remove()

    def __repr__(self) -> str:
        return f"<FaultHandle {self.fault.kind.value}: {self.hits} hits>"


class FaultTable:
    """All faults in force, in the order in which they were added."""

    def __init__(self) -> None:
        self._handles: list[FaultHandle] = []

    def add(self, fault: Fault) -> FaultHandle:
        """Put a fault in force, at once and for all connections."""
        handle = FaultHandle(self, fault)
        self._handles.append(handle)
        return handle

    def clear(self) -> None:
        """Remove all faults."""
        self._handles.clear()

    def refuses(self, index: int, node_id: str) -> bool:
        """Whether a connection that was just accepted by this node is to be closed."""
        return any(
            handle._hits_now()
            for handle in self._handles
            if handle.fault.kind is FaultKind.REFUSE and handle.fault.node in {None, index, node_id}
        )

    def judge(self, index: int, node_id: str, frame: bytes) -> Verdict:
        """What happens to this command on this node. Counts the hits."""
        delay, chosen = 0.0, None
        command = _Command(frame)
        for handle in self._handles:
            fault = handle.fault
            if fault.kind is FaultKind.REFUSE or fault.node not in {None, index, node_id}:
                continue
            if chosen is not None and fault.kind is not FaultKind.DELAY:
                continue
            if fault.matches(command) and handle._hits_now():
                if fault.kind is FaultKind.DELAY:
                    delay += fault.seconds
                else:
                    chosen = fault
        return Verdict(delay, chosen) if delay or chosen else _UNHARMED

    def _discard(self, handle: FaultHandle) -> None:
        if handle in self._handles:
            self._handles.remove(handle)

    def __len__(self) -> int:
        return len(self._handles)

    def __iter__(self) -> Iterator[FaultHandle]:
        return iter(tuple(self._handles))

    def __repr__(self) -> str:
        return f"<FaultTable: {', '.join(handle.fault.kind.value for handle in self._handles) or 'no faults'}>"


class _Command:
    """A request as the filters see it: decoded only if one of them asks."""

    def __init__(self, frame: bytes) -> None:
        self._frame = frame

    @cached_property
    def kind(self) -> CommandKind:
        """What the request is, by its bits; a message that can't be decoded counts as a read."""
        kind = frame_type(self._frame)
        if kind == FrameType.INFO:
            return CommandKind.INFO
        if kind == FrameType.ADMIN:
            return CommandKind.ADMIN
        return CommandKind.READ if self.message is None else _message_kind(self.message)

    @cached_property
    def message(self) -> Message | None:
        """The decoded message; None for info, and for what can't be decoded."""
        if frame_type(self._frame) != FrameType.MESSAGE:
            return None
        try:
            return decode_message(self._frame)[0]
        except ProtocolError:
            return None

    def field(self, kind: FieldType) -> bytes | None:
        """The message's field, or None."""
        return None if self.message is None else self.message.field(kind)


def command_kind(frame: bytes) -> CommandKind:
    """What a request is, by its bits; a message that can't be decoded counts as a read.

    Args:
        frame: A whole frame.
    """
    return _Command(frame).kind


def _message_kind(message: Message) -> CommandKind:
    if message.info1 & Info1.BATCH:
        return CommandKind.BATCH
    if message.field(FieldType.DIGEST) is None:
        return CommandKind.QUERY
    if not message.info2 & Info2.WRITE:
        return CommandKind.READ
    if message.info2 & Info2.DELETE:
        return CommandKind.DELETE
    if message.field(FieldType.UDF_FILENAME) is not None:
        return CommandKind.UDF
    return CommandKind.OPERATE if message.info1 & Info1.READ else CommandKind.WRITE
