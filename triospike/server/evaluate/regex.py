"""POSIX regular expressions, basic and extended with the extensions of glibc, in Python's terms.

Which text is matched does not count, only whether there is a match, so that leftmost-longest and Python's order of
attempts come to the same.
"""

from __future__ import annotations

import re
from typing import Final

__all__ = ["compile_posix"]

_EXTENDED: Final = 1
_IGNORE_CASE: Final = 2
_NEWLINE: Final = 4

_MAX_REPEAT: Final = 32767
_CLASSES = {
    b"alnum": rb"a-zA-Z0-9",
    b"alpha": rb"a-zA-Z",
    b"blank": rb" \t",
    b"cntrl": rb"\x00-\x1f\x7f",
    b"digit": rb"0-9",
    b"graph": rb"!-~",
    b"lower": rb"a-z",
    b"print": rb" -~",
    b"punct": rb"!-/:-@\[-`{-~",
    b"space": rb" \t\n\r\f\v",
    b"upper": rb"A-Z",
    b"xdigit": rb"0-9A-Fa-f",
}
_ESCAPES = {
    b"w": rb"[a-zA-Z0-9_]",
    b"W": rb"[^a-zA-Z0-9_]",
    b"s": rb"[ \t\n\r\f\v]",
    b"S": rb"[^ \t\n\r\f\v]",
    b"b": rb"\b",
    b"B": rb"(?!\b)",
    b"<": rb"\b(?=\w)",
    b">": rb"\b(?<=\w)",
    b"`": rb"\A",
    b"'": rb"\Z",
}


def compile_posix(pattern: bytes, flags: int) -> re.Pattern[bytes]:
    """The pattern, compiled; to be searched for.

    Args:
        pattern: The pattern, up to its first zero byte.
        flags: As of ``regcomp`` in glibc.

    Raises:
        ValueError: The pattern is malformed.
    """
    translated = _Translator(pattern.partition(b"\0")[0], flags).run()
    python_flags = (re.IGNORECASE if flags & _IGNORE_CASE else 0) | (re.MULTILINE if flags & _NEWLINE else 0)
    try:
        return re.compile(translated, python_flags)
    except (re.error, OverflowError, RecursionError) as error:
        raise ValueError(f"malformed pattern: {error}") from error


class _Translator:
    """Goes over a pattern once, from left to right.

    The parts found so far are kept in a list, so that a repetition can take the last one.
    """

    def __init__(self, pattern: bytes, flags: int) -> None:
        self._pattern = pattern
        self._at = 0
        self._is_extended = flags & _EXTENDED != 0
        self._by_line = flags & _NEWLINE != 0
        self._parts: list[bytes] = []
        self._groups: list[int] = []
        self._can_repeat = False
        self._is_repeated = False

    def run(self) -> bytes:
        while self._at < len(self._pattern):
            token = self._token()
            step = _STEPS.get(token)
            if step is None:
                self._add(re.escape(token[-1:]))
            else:
                step(self)
        if self._groups:
            raise ValueError("group is not closed")
        return b"".join(self._parts)

    def _token(self) -> bytes:
        """The next token: a byte, or a backslash and a byte; operators as extended patterns write them."""
        token = self._pattern[self._at : self._at + 1]
        self._at += 1
        if token != b"\\":
            is_operator = self._is_extended or token not in {b"(", b")", b"|", b"{", b"}", b"+", b"?"}
            return token if is_operator else b"\\\\" + token
        follows = self._pattern[self._at : self._at + 1]
        if not follows:
            raise ValueError("backslash at the end")
        self._at += 1
        if not self._is_extended and follows in {b"(", b")", b"|", b"{", b"}", b"+", b"?"}:
            return follows
        return b"\\" + follows

    def _add(self, part: bytes, *, can_repeat: bool = True) -> None:
        self._parts.append(part)
        self._can_repeat = can_repeat
        self._is_repeated = False

    def _is_at_start(self) -> bool:
        """Whether this is where an alternative begins."""
        return not self._parts or self._parts[-1] in {b"(", b"|"}

    def any_byte(self) -> None:
        self._add(rb"[^\n]" if self._by_line else rb"[\x00-\xff]")

    def open_group(self) -> None:
        self._groups.append(len(self._parts))
        self._add(b"(", can_repeat=False)

    def close_group(self) -> None:
        if not self._groups:
            if not self._is_extended:
                raise ValueError("group is not open")
            self._add(rb"\)")
            return
        start = self._groups.pop()
        group = b"".join(self._parts[start:]) + b")"
        self._parts[start:] = []
        self._add(group)

    def alternative(self) -> None:
        self._add(b"|", can_repeat=False)

    def begin(self) -> None:
        if self._is_extended or self._is_at_start():
            self._add(b"^" if self._by_line else rb"\A", can_repeat=False)
        else:
            self._add(rb"\^")

    def end(self) -> None:
        rest = self._pattern[self._at :]
        if self._is_extended or not rest or rest.startswith((rb"\)", rb"\|")):
            self._add(b"$" if self._by_line else rb"\Z", can_repeat=False)
        else:
            self._add(rb"\$")

    def star(self) -> None:
        self._repeat(b"*")

    def plus(self) -> None:
        self._repeat(b"+")

    def optional(self) -> None:
        self._repeat(b"?")

    def braces(self) -> None:
        end = b"}" if self._is_extended else rb"\}"
        inside, found, _ = self._pattern[self._at :].partition(end)
        if not found:
            raise ValueError("repetition is not closed")
        self._at += len(inside) + len(end)
        counts = inside.split(b",")
        least, most = counts[0] or b"0", counts[-1] or b""
        if len(counts) > 2 or not least.isdigit() or (most and not most.isdigit()):
            raise ValueError("repetition without a count")
        if int(least) > _MAX_REPEAT or (most and not int(least) <= int(most) <= _MAX_REPEAT):
            raise ValueError("count of repetitions out of range")
        self._repeat(b"{" + least + b"," + most + b"}", is_count=True)

    def _repeat(self, suffix: bytes, *, is_count: bool = False) -> None:
        if self._is_repeated and not self._is_extended and (is_count or suffix == b"*"):
            raise ValueError("repetition of a repetition")
        if self._can_repeat:
            self._is_repeated = True
            self._parts[-1] = b"(?:" + self._parts[-1] + b")" + suffix
        elif self._is_extended or is_count:
            raise ValueError("nothing to repeat")
        else:
            self._add(re.escape(suffix))

    def bracket(self) -> None:
        bracket = _Bracket(self._pattern, self._at, self._by_line)
        self._add(bracket.translated())
        self._at = bracket.behind

    def gnu(self) -> None:
        name = self._pattern[self._at - 1 : self._at]
        self._add(_ESCAPES[name], can_repeat=name in b"wWsS")

    def reference(self) -> None:
        self._add(b"(?:\\" + self._pattern[self._at - 1 : self._at] + b")")


class _Bracket:
    """A list of bytes in brackets."""

    def __init__(self, pattern: bytes, start: int, by_line: bool) -> None:
        self._pattern = pattern
        self._at = start
        self._by_line = by_line
        self._is_inverted = self._pattern[start : start + 1] == b"^"
        self._at += self._is_inverted
        self._inside = self._read()
        self.behind = self._at

    def translated(self) -> bytes:
        if not self._is_inverted:
            return b"[" + self._inside + b"]"
        return b"[^" + self._inside + (rb"\n" if self._by_line else b"") + b"]"

    def _read(self) -> bytes:
        inside = b""
        first = self._at
        while True:
            if self._at >= len(self._pattern):
                raise ValueError("bracket is not closed")
            if self._pattern[self._at : self._at + 1] == b"]" and self._at > first:
                self._at += 1
                return inside
            inside += self._item()

    def _item(self) -> bytes:
        if self._pattern.startswith(b"[:", self._at):
            name = self._named(b":]")
            if name not in _CLASSES:
                raise ValueError("unknown class of characters")
            return _CLASSES[name]
        low = self._byte()
        if not self._pattern.startswith(b"-", self._at) or self._pattern.startswith(b"-]", self._at):
            return re.escape(low)
        self._at += 1
        high = self._byte()
        if low > high:
            raise ValueError("range ends before it begins")
        return re.escape(low) + b"-" + re.escape(high)

    def _byte(self) -> bytes:
        for opening, closing in ((b"[.", b".]"), (b"[=", b"=]")):
            if self._pattern.startswith(opening, self._at):
                name = self._named(closing)
                if len(name) != 1:
                    raise ValueError("unknown collating element")
                return name
        byte = self._pattern[self._at : self._at + 1]
        if not byte:
            raise ValueError("bracket is not closed")
        self._at += 1
        return byte

    def _named(self, closing: bytes) -> bytes:
        name, found, _ = self._pattern[self._at + 2 :].partition(closing)
        if not found:
            raise ValueError("bracket is not closed")
        self._at += 2 + len(name) + len(closing)
        return name


_STEPS = {
    b".": _Translator.any_byte,
    b"(": _Translator.open_group,
    b")": _Translator.close_group,
    b"|": _Translator.alternative,
    b"^": _Translator.begin,
    b"$": _Translator.end,
    b"*": _Translator.star,
    b"+": _Translator.plus,
    b"?": _Translator.optional,
    b"{": _Translator.braces,
    b"[": _Translator.bracket,
    **{b"\\" + name: _Translator.gnu for name in _ESCAPES},
    **{b"\\%d" % number: _Translator.reference for number in range(1, 10)},
}
"""What each token does; any other stands for its last byte."""
