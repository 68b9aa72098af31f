"""Runs small pieces of Lua, on records that are nothing but bins."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from triospike._lua.ports import Particle
from triospike._lua.state import LuaState, Outcome, Scope, Step
from triospike._wire import msgpack
from triospike._wire.particle import decode_value, encode_value

__all__ = ["Bins", "Files", "call", "stream", "value"]


class Files:
    """Modules by name, and what they log."""

    def __init__(self, **sources: str) -> None:
        self.sources = sources
        self.lines: list[tuple[int, str, int, str]] = []

    def source(self, name: str) -> tuple[bytes, str] | None:
        text = self.sources.get(name)
        return None if text is None else (text.encode(), f"{name}.lua")

    def log(self, level: int, where: str, line: int, text: str) -> None:
        self.lines.append((level, where, line, text))

    def now_ms(self) -> int:
        return 1234


class Bins:
    """A record for functions that only use its bins."""

    def __init__(self, **values: Any) -> None:
        self.stored: dict[bytes, Particle] = {
            name.encode(): encode_value(value, name) for name, value in values.items()
        }
        self.asked: list[bytes] = []

    def bin(self, name: bytes) -> Particle | None:
        self.asked.append(name)
        return self.stored.get(name)

    def names(self) -> Sequence[bytes] | None:
        return list(self.stored)

    def metadata(self, name: str) -> int | bytes | None:
        return 0

    def key(self) -> Particle | None:
        return None

    def set_ttl(self, ttl: int) -> None:
        raise AssertionError

    def drop_key(self) -> None:
        raise AssertionError

    def is_open(self) -> bool:
        return True

    def exists(self) -> bool:
        return True

    def open_new(self) -> int:
        return 1

    def begin(self) -> bool:
        return True

    def set_bin(self, name: bytes, kind: int, content: bytes) -> bool:
        self.stored[name] = kind, content
        return True

    def remove_bin(self, name: bytes) -> None:
        del self.stored[name]

    def fail(self, code: int) -> None:
        raise AssertionError(code)

    def finish(self) -> None:
        pass


def call(state: LuaState, *args: Any, record: Bins | None = None, name: str = "f") -> Outcome:
    """Call a function of the module ``m``, which is loaded."""
    assert state.load("m") is None
    return state.apply(name.encode(), record or Bins(), msgpack.pack(list(args), "args"))


def value(outcome: Outcome) -> Any:
    """What a function that succeeded returned."""
    assert outcome.is_success, outcome.content
    return decode_value(outcome.kind, outcome.content)


def stream(source: str, scope: Scope, given: Sequence[Any], *args: Any) -> list[Any]:
    """Run ``f`` over records or values; what it gives, and behind that how it failed, if it did."""
    state = LuaState(Files(m=source))
    assert state.load("m") is None
    waiting = list(given)
    found: list[Any] = []
    told = state.begin_stream(b"f", scope, msgpack.pack(list(args), "args"))
    while told[0] is not Step.END:
        if told[0] is Step.FAILED:
            return [*found, told[2].decode()]
        if told[0] is Step.WRITE:
            found.append(decode_value(told[1], told[2]))
            told = state.go_on()
        elif scope is Scope.SERVER:
            told = state.feed_record(Bins(**waiting.pop(0)) if waiting else None)
        else:
            told = state.feed_value(*(encode_value(waiting.pop(0), "value") if waiting else (0, b"")))
    return found
