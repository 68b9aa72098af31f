"""One interpreter with one module in it."""

from __future__ import annotations

from enum import IntEnum
from typing import Any, Final

import attrs

from .engine import chunks, lua_error, new_runtime
from .ports import Library, RecordSource

__all__ = ["LuaState", "ModuleProblem", "Outcome", "Scope", "Step", "check_module"]

TIMED_OUT: Final = b"UDF Execution Timeout"
_SLICES: Final = 50_000
"""Thousands of instructions that one call may take, or the way from one value of a stream to the next."""
_STRING: Final = 3


class Scope(IntEnum):
    """The side on which a stream is run."""

    SERVER = 1
    CLIENT = 2


class Step(IntEnum):
    """What a stream wants next."""

    END = 0
    READ = 1
    WRITE = 2
    FAILED = 3


@attrs.frozen(slots=True)
class Outcome:
    """What a call came to.

    Attributes:
        is_success: It returned.
        kind: Particle type of what it returned, or threw; 0 for what is no value.
        content: Its content.
    """

    is_success: bool
    kind: int
    content: bytes


@attrs.frozen(slots=True)
class ModuleProblem:
    """Why a module is not good.

    Attributes:
        line: Where, 0 if that is not known.
        message: Why.
        file: The module's name, empty if the line is not known.
    """

    file: str
    line: int
    message: str


def _host(library: Library) -> dict[bytes, Any]:
    """The functions that Lua calls, by name."""

    def source(name: bytes) -> tuple[bytes, bytes] | None:
        found = library.source(name.decode("utf-8", "replace"))
        return None if found is None else (found[0], found[1].encode())

    def log(level: int, where: bytes, line: int, text: bytes) -> None:
        library.log(level, where.decode("utf-8", "replace"), line, text.decode("utf-8", "replace"))

    def count_names(record: RecordSource) -> int:
        names = record.names()
        return -1 if names is None else len(names)

    def name_at(record: RecordSource, at: int) -> bytes:
        return (record.names() or ())[at - 1]

    return {
        b"source": source,
        b"log": log,
        b"now": library.now_ms,
        b"bin": lambda record, name: record.bin(name),
        b"key": lambda record: record.key(),
        b"metadata": lambda record, name: record.metadata(name.decode()),
        b"count_names": count_names,
        b"name_at": name_at,
        b"set_ttl": lambda record, ttl: record.set_ttl(ttl),
        b"drop_key": lambda record: record.drop_key(),
        b"is_open": lambda record: record.is_open(),
        b"exists": lambda record: record.exists(),
        b"open_new": lambda record: record.open_new(),
        b"begin": lambda record: record.begin(),
        b"set_bin": lambda record, name, kind, content: record.set_bin(name, kind, content),
        b"remove_bin": lambda record, name: record.remove_bin(name),
        b"fail": lambda record, code: record.fail(code),
        b"finish": lambda record: record.finish(),
    }


class LuaState:
    """An interpreter in which a module can be loaded, and its functions called.

    One call is made at a time, and one stream is run at a time.

    Args:
        library: Where modules come from.
        slices: Thousands of instructions that a call may take.

    Attributes:
        is_broken: A call was ended by force: what the module keeps in it may be damaged.

    Raises:
        LuaMissing: There is no interpreter.
    """

    __slots__ = ("_calls", "_error", "_why", "is_broken")

    def __init__(self, library: Library, *, slices: int = _SLICES) -> None:
        self.is_broken = False
        self._why = b""
        self._error = lua_error()
        runtime = new_runtime()
        room = runtime.table()
        host = runtime.table_from(_host(library))
        limits = runtime.table_from({b"slices": slices, b"message": TIMED_OUT})
        load = runtime.eval(b"load")
        for name, source in chunks():
            self._calls = load(source, name, b"t")(room, host, limits)

    def _call(self, name: bytes, *arguments: Any) -> Any:
        """Call one of the entry points; None if it was ended by force."""
        try:
            return self._calls[name](*arguments)
        except self._error as error:
            self.is_broken = True
            self._why = str(error).partition("\nstack traceback:")[0].encode()
            self._calls[b"release"]()
            return None

    def load(self, module: str) -> str | None:
        """Load a module; return why it can't be, or None."""
        result = self._call(b"load", module.encode())
        if result is None:
            return self._why.decode()
        is_loaded, problem = result
        if is_loaded:
            return None
        return problem.decode("utf-8", "replace") if isinstance(problem, bytes) else "unknown"

    def apply(self, function: bytes, record: RecordSource, arguments: bytes) -> Outcome:
        """Call a function on a record.

        Args:
            function: Its name.
            record: The record.
            arguments: A packed list; anything else stands for no arguments.
        """
        result = self._call(b"apply", function, record, arguments)
        return Outcome(False, _STRING, self._why) if result is None else Outcome(*result)

    def begin_stream(self, function: bytes, scope: Scope, arguments: bytes) -> tuple[Step, int, bytes]:
        """Begin to run a function over a stream; what it wants, and what it gives.

        Args:
            function: Its name.
            scope: Which of its operations are run.
            arguments: A packed list.

        Returns:
            With `Step.WRITE`, particle type and content of a value; with `Step.FAILED`, 3 and the message.
        """
        return self._told(self._call(b"begin_stream", function, int(scope), arguments))

    def feed_record(self, record: RecordSource | None) -> tuple[Step, int, bytes]:
        """Give a stream on the server's side the next record, or None for the end."""
        return self._told(self._call(b"continue_stream", record))

    def feed_value(self, kind: int, content: bytes) -> tuple[Step, int, bytes]:
        """Give a stream on the client's side the next value; kind 0 is the end."""
        return self._told(self._call(b"continue_stream", kind, content))

    def go_on(self) -> tuple[Step, int, bytes]:
        """Go on after a value was given."""
        return self._told(self._call(b"continue_stream"))

    def _told(self, result: tuple[int, int, bytes] | None) -> tuple[Step, int, bytes]:
        if result is None:
            return Step.FAILED, _STRING, self._why
        what, kind, content = result
        if what == Step.READ:
            return Step.READ, 0, b""
        return Step(what), kind, content


def check_module(source: bytes, name: str, library: Library) -> ModuleProblem | None:
    """Compile and run a module, as a server does before it takes it; what is wrong with it, or None.

    Args:
        source: The module.
        name: Its name, with extension.
        library: Where modules are that it requires.

    Raises:
        LuaMissing: There is no interpreter.
    """
    state = LuaState(library)
    result = state._call(b"check", source, name.encode())
    kind, thrown = (2, state._why) if result is None else result
    if not kind:
        return None
    message = thrown.decode("utf-8", "replace")
    if message.startswith("["):
        _, _, rest = message.partition('"')
        file, quote, rest = rest.partition('"')
        _, colon, rest = rest.partition(":")
        line, second, text = rest.partition(":")
        if quote and colon and second:
            return ModuleProblem(file, int(line) if line.isdecimal() else 0, text[1:])
        return ModuleProblem("", 0, "")
    return ModuleProblem("", 0, message.partition("\n")[0][:256])
