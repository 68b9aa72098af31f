"""The modules of the cluster, as files with names, and interpreters that have them loaded."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Callable, Iterator
from typing import Final

import attrs

from ..._lua.engine import LuaMissing, is_available
from ..._lua.state import LuaState

__all__ = ["ModuleFile", "Modules"]

_PATH: Final = "usr/udf/lua"
"""Where servers keep modules; errors name it."""
_SUFFIX: Final = ".lua"
_MOST_IDLE: Final = 10

_LEVELS: Final = {1: logging.WARNING, 2: logging.INFO}
_log = logging.getLogger("triospike.server.udf")


@attrs.frozen(slots=True)
class ModuleFile:
    """One registered file.

    Attributes:
        name: With its extension.
        content64: Its content as it was sent, in base64.
        content: Its content.
    """

    name: str
    content64: str
    content: bytes

    @property
    def hash(self) -> str:
        """What servers tell clients to know versions by: 40 hexadecimal digits."""
        text = json.dumps({"content64": self.content64, "type": "LUA", "name": self.name}, ensure_ascii=False)
        return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()


class Modules:
    """All registered files; all nodes share them.

    Args:
        wall_clock: Unix seconds.
    """

    def __init__(self, wall_clock: Callable[[], float]) -> None:
        self._wall_clock = wall_clock
        self._files: dict[str, ModuleFile] = {}
        self._idle: dict[str, list[LuaState]] = {}
        self._bad: set[str] = set()
        self._version = 0

    def __iter__(self) -> Iterator[ModuleFile]:
        return iter(self._files.values())

    def get(self, name: str) -> ModuleFile | None:
        """A file by its name."""
        return self._files.get(name)

    def put(self, file: ModuleFile) -> None:
        """Register a file, in place of another of its name."""
        self._files[file.name] = file
        self.clear_cache()

    def remove(self, name: str) -> None:
        """Remove a file, if it is there."""
        if self._files.pop(name, None) is not None:
            self.clear_cache()

    def clear_cache(self) -> None:
        """Load modules anew from now on."""
        self._idle.clear()
        self._bad.clear()
        self._version += 1

    def borrow(self, module: str) -> tuple[LuaState, int] | None:
        """An interpreter with a module in it, and a number to give it back with; None if it can't be loaded.

        Args:
            module: Its name, without extension.

        Raises:
            LuaMissing: There is no interpreter.
        """
        idle = self._idle.get(module)
        if idle:
            return idle.pop(), self._version
        if not is_available():
            raise LuaMissing
        if module in self._bad or self.source(module) is None:
            return None
        state = LuaState(self)
        problem = state.load(module)
        if problem is not None:
            _log.info("module %s can't be loaded: %s", module, problem)
            self._bad.add(module)
            return None
        return state, self._version

    def give_back(self, module: str, state: LuaState, version: int) -> None:
        """Give an interpreter back that was borrowed."""
        if version != self._version or state.is_broken:
            return
        idle = self._idle.setdefault(module, [])
        if len(idle) < _MOST_IDLE:
            idle.append(state)

    # --- what Lua asks ---------------------------------------------------------------------------------------

    def source(self, name: str) -> tuple[bytes, str] | None:
        """Source of a module, and the path that its errors name."""
        file = self._files.get(name + _SUFFIX) if "." not in name else None
        return None if file is None else (file.content, f"{_PATH}/{file.name}")

    def log(self, level: int, where: str, line: int, text: str) -> None:
        """Take a line of the log."""
        _log.log(_LEVELS.get(level, logging.DEBUG), "(%s:%d) %s", where, line, text)

    def now_ms(self) -> int:
        """Unix time in milliseconds."""
        return int(self._wall_clock() * 1000)
