"""Commands made ready ahead: the same calls as on the client, for `EventLoop.submit`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ._commands.apply import ApplyCommand
from ._commands.delete import DeleteCommand
from ._commands.exists import ExistsCommand
from ._commands.operate import OperateCommand
from ._commands.read import ReadCommand
from ._commands.write import AddCommand, AppendCommand, PrependCommand, PutCommand, TouchCommand
from ._execution.prepared import Prepared
from .key import Key
from .operations import Operation
from .policy import ApplyPolicy, OperatePolicy, ReadPolicy, RemovePolicy, WritePolicy
from .record import Record

if TYPE_CHECKING:
    from ._execution.core import ClientCore
    from .defaults import DefaultPolicies

__all__ = ["Prepare"]


class Prepare:
    """Makes commands without running them: ``client.prepare.put(key, bins)``.

    Arguments are checked and encoded at once; see the methods of the same names on `Client` for what they
    mean. What comes back is given to ``event_loop.submit`` or ``client.submit``.
    """

    __slots__ = ("_core", "_defaults")

    def __init__(self, core: ClientCore, defaults: DefaultPolicies) -> None:
        self._core = core
        self._defaults = defaults

    def get(
        self, key: Key, bins: Sequence[str] | None = None, *, policy: ReadPolicy | None = None
    ) -> Prepared[Record | None]:
        """Prepare `Client.get`."""
        return Prepared(self._core, ReadCommand(key, bins, policy or self._defaults.read))

    def get_header(self, key: Key, *, policy: ReadPolicy | None = None) -> Prepared[Record | None]:
        """Prepare `Client.get_header`."""
        return Prepared(self._core, ReadCommand(key, (), policy or self._defaults.read))

    def exists(self, key: Key, *, policy: ReadPolicy | None = None) -> Prepared[bool]:
        """Prepare `Client.exists`."""
        return Prepared(self._core, ExistsCommand(key, policy or self._defaults.read))

    def put(self, key: Key, bins: Mapping[str, Any], *, policy: WritePolicy | None = None) -> Prepared[None]:
        """Prepare `Client.put`."""
        return Prepared(self._core, PutCommand(key, bins, self._defaults.for_write(policy)))

    def add(
        self, key: Key, bins: Mapping[str, int | float], *, policy: WritePolicy | None = None
    ) -> Prepared[None]:
        """Prepare `Client.add`."""
        return Prepared(self._core, AddCommand(key, bins, self._defaults.for_write(policy)))

    def append(
        self, key: Key, bins: Mapping[str, str | bytes], *, policy: WritePolicy | None = None
    ) -> Prepared[None]:
        """Prepare `Client.append`."""
        return Prepared(self._core, AppendCommand(key, bins, self._defaults.for_write(policy)))

    def prepend(
        self, key: Key, bins: Mapping[str, str | bytes], *, policy: WritePolicy | None = None
    ) -> Prepared[None]:
        """Prepare `Client.prepend`."""
        return Prepared(self._core, PrependCommand(key, bins, self._defaults.for_write(policy)))

    def touch(self, key: Key, *, policy: WritePolicy | None = None) -> Prepared[None]:
        """Prepare `Client.touch`."""
        return Prepared(self._core, TouchCommand(key, self._defaults.for_write(policy)))

    def delete(self, key: Key, *, policy: RemovePolicy | None = None) -> Prepared[bool]:
        """Prepare `Client.delete`."""
        return Prepared(self._core, DeleteCommand(key, policy or self._defaults.remove))

    def operate(
        self, key: Key, operations: Sequence[Operation], *, policy: OperatePolicy | None = None
    ) -> Prepared[Record]:
        """Prepare `Client.operate`."""
        return Prepared(self._core, OperateCommand(key, operations, self._defaults.for_operate(policy)))

    def apply(
        self, key: Key, module: str, function: str, args: Sequence[Any] = (), *, policy: ApplyPolicy | None = None
    ) -> Prepared[Any]:
        """Prepare `Client.apply`."""
        return Prepared(self._core, ApplyCommand(key, module, function, args, self._defaults.for_apply(policy)))
