r"""Conditions as people write them: ``age between 20 and 30 and name = 'Ada'``.

A condition is a bin, a word for what is asked of it, and values::

    age = 36      age != 36     age >= 18     age between 20 and 30 (both are in)
    name = 'Ada'  name matches '^A.*a$'       tags contains 'maths' (a list has this element)
    ages has key 'ada'          ages has value 36                   (a map has it)
    place within '{"type": "Polygon", ...}'   name exists           name is missing

Values are integers, floats (with a point), texts in single or double quotes (a quote in a text is written twice),
true, false, and bytes as x'c0ffee'. Bins whose names are not plain words go in backquotes. Conditions may be
joined by ``and``; there is nothing else, on purpose: expressions in base64 say the rest.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any, NoReturn, TypeAlias

import attrs

import triospike

from ..values import GeoJSON

__all__ = ["Condition", "Literal", "as_expression", "parse_conditions"]

Literal: TypeAlias = bool | int | float | str | bytes | GeoJSON

exp = triospike.exp

_TOKEN = re.compile(
    r"""\s*(?:
        (?P<bytes>[xX]'[^']*')
      | (?P<text>'(?:[^']|'')*'|"(?:[^"]|"")*")
      | (?P<quoted>`[^`]+`)
      | (?P<float>[+-]?(?:\d+\.\d*|\.\d+|\d+(?=[eE]))(?:[eE][+-]?\d+)?)
      | (?P<int>[+-]?\d+)
      | (?P<sign><=|>=|!=|<>|==|=|<|>)
      | (?P<word>[^\W\d]\w*)
      | (?P<end>$)
    )""",
    re.VERBOSE,
)
_SIGNS = {"==": "=", "<>": "!="}
_COMPARISONS: dict[str, Any] = {
    "=": exp.eq,
    "!=": exp.ne,
    "<": exp.lt,
    "<=": exp.le,
    ">": exp.gt,
    ">=": exp.ge,
}
_NAMES = {
    bool: "true, false",
    int: "an integer",
    float: "a float",
    str: "a text in quotes",
    bytes: "bytes as x'c0ffee'",
}
_WORDS = "=, !=, <, <=, >, >=, between, contains, has key, has value, within, matches, exists, is missing"


@attrs.frozen
class Condition:
    """One thing that a record must fulfil.

    Attributes:
        bin: Name of the bin.
        operator: ``=``, ``!=``, ``<``, ``<=``, ``>``, ``>=``, ``between``, ``contains``, ``has key``,
            ``has value``, ``within``, ``matches``, ``exists`` or ``is missing``.
        value: What the bin is compared with; None where nothing is.
        end: The second value of ``between``.
    """

    bin: str
    operator: str
    value: Literal | None = None
    end: Literal | None = None

    def __str__(self) -> str:
        parts = [self.bin, self.operator]
        if self.value is not None:
            parts.append(_written(self.value))
        if self.end is not None:
            parts += ["and", _written(self.end)]
        return " ".join(parts)


def _written(value: Literal) -> str:
    """A value as one writes it."""
    match value:
        case bool():
            return str(value).lower()
        case str():
            return "'" + value.replace("'", "''") + "'"
        case bytes():
            return f"x'{value.hex()}'"
        case GeoJSON():
            return _written(value.text)
    return repr(value)


@attrs.frozen
class _Token:
    kind: str
    text: str
    start: int


def parse_conditions(text: str) -> tuple[Condition, ...]:
    """Read one or more conditions joined by ``and``.

    Args:
        text: As the user wrote it.

    Raises:
        ValueError: It can't be read; the message says where and what is possible there.
    """
    return tuple(_Parser(text).conditions())


class _Parser:
    """Reads conditions from left to right, with one token known ahead."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = self._split()
        self._next = next(self._tokens)

    def _split(self) -> Iterator[_Token]:
        place = 0
        while True:
            found = _TOKEN.match(self._text, place)
            if found is None or found.lastgroup is None:
                rest = self._text[place:].lstrip()
                what = "a quote without its end" if rest[:1] in "'\"`" or rest[:2] in ("x'", "X'") else "no word"
                raise ValueError(f"{what} at {rest!r} in {self._text!r}")
            yield _Token(found.lastgroup, found[found.lastgroup], found.start(found.lastgroup))
            place = found.end()

    def _take(self) -> _Token:
        token = self._next
        if token.kind != "end":
            self._next = next(self._tokens)
        return token

    def _takes(self, word: str) -> bool:
        """Whether the next token is this word; then it is taken."""
        if self._next.kind == "word" and self._next.text.lower() == word:
            self._take()
            return True
        return False

    def _fail(self, wanted: str, token: _Token | None = None) -> NoReturn:
        token = token or self._next
        where = f"at {self._text[token.start :]!r}" if token.kind != "end" else "at the end"
        raise ValueError(f"expected {wanted} {where} in {self._text!r}")

    def conditions(self) -> Iterator[Condition]:
        """Each condition up to the end of the text."""
        yield self._condition()
        while self._takes("and"):
            yield self._condition()
        if self._next.kind == "word" and self._next.text.lower() == "or":
            raise ValueError(f"'or' is not known here, only 'and': {self._text!r}; an expression can say it")
        if self._next.kind != "end":
            self._fail("'and' or the end")

    def _condition(self) -> Condition:
        token = self._take()
        if token.kind not in ("word", "quoted"):
            self._fail("the name of a bin", token)
        name = token.text.strip("`")
        if len(name.encode()) > 15:
            raise ValueError(f"a bin name must be 1 to 15 bytes long: {name!r}")
        token = self._next
        if token.kind == "sign":
            self._take()
            return self._compared(name, _SIGNS.get(token.text, token.text))
        for word, read in self._readers().items():
            if self._takes(word):
                return read(name)
        return self._fail(f"one of {_WORDS} after {name!r}")

    def _readers(self) -> dict[str, Callable[[str], Condition]]:
        return {
            "between": self._between,
            "contains": lambda name: Condition(name, "contains", self._value(int, str, bytes)),
            "has": self._has,
            "within": lambda name: Condition(name, "within", GeoJSON(str(self._value(str)))),
            "matches": lambda name: Condition(name, "matches", self._value(str)),
            "exists": lambda name: Condition(name, "exists"),
            "is": self._missing,
        }

    def _compared(self, name: str, sign: str) -> Condition:
        value = self._value(bool, int, float, str, bytes)
        if isinstance(value, bool) and sign not in ("=", "!="):
            raise ValueError(f"true and false can't be compared by {sign!r} in {self._text!r}")
        return Condition(name, sign, value)

    def _between(self, name: str) -> Condition:
        begin = self._value(int, float, str)
        if not self._takes("and"):
            self._fail(f"'and' after 'between {_written(begin)}'")
        end = self._value(int, float, str)
        if type(begin) is not type(end):
            raise ValueError(f"the two values of 'between' must be of one type in {self._text!r}")
        return Condition(name, "between", begin, end)

    def _has(self, name: str) -> Condition:
        for word in ("key", "value"):
            if self._takes(word):
                return Condition(name, f"has {word}", self._value(int, str, bytes))
        return self._fail("'key' or 'value' after 'has'")

    def _missing(self, name: str) -> Condition:
        if not self._takes("missing"):
            self._fail("'missing' after 'is'")
        return Condition(name, "is missing")

    def _value(self, *types: type) -> Literal:
        token = self._take()
        value = _literal(token)
        if value is None or type(value) not in types:
            self._fail(_wanted(types), token)
        return value


def _wanted(types: tuple[type, ...]) -> str:
    *rest, last = [_NAMES[kind] for kind in types]
    return f"{', '.join(rest)} or {last}" if rest else last


def _literal(token: _Token) -> Literal | None:
    """The value that a token writes; None if it writes none."""
    match token.kind:
        case "int":
            return int(token.text)
        case "float":
            return float(token.text)
        case "text":
            quote = token.text[0]
            return token.text[1:-1].replace(quote * 2, quote)
        case "bytes":
            try:
                return bytes.fromhex(token.text[2:-1])
            except ValueError:
                raise ValueError(f"not hexadecimal digits: {token.text}") from None
        case "word" if token.text.lower() in ("true", "false"):
            return token.text.lower() == "true"
    return None


def as_expression(condition: Condition) -> triospike.exp.BoolExp:
    """The expression that is true of the records that fulfil a condition.

    Args:
        condition: See `parse_conditions`. A bin that is missing or of another type than the value fulfils none but
            ``is missing``.
    """
    name: str = condition.bin
    value: Any = condition.value
    match condition.operator:
        case "exists":
            return exp.bin_exists(name)
        case "is missing":
            return ~exp.bin_exists(name)
        case "between":
            bin_ = _bin(name, value)
            return exp.and_(exp.ge(bin_, value), exp.le(bin_, condition.end))
        case "contains":
            return exp.list_get_by_value(exp.bin_list(name), value, exp.Many.COUNT) > 0
        case "has key":
            return exp.map_get_by_key(exp.bin_map(name), value, exp.One.COUNT) > 0
        case "has value":
            return exp.map_get_by_value(exp.bin_map(name), value, exp.Many.COUNT) > 0
        case "within":
            return exp.geo_compare(exp.bin_geo(name), value)
        case "matches":
            return exp.regex(exp.bin_str(name), value, exp.RegexFlags.EXTENDED)
    compared: triospike.exp.BoolExp = _COMPARISONS[condition.operator](_bin(name, value), value)
    return compared


def _bin(name: str, value: Literal | None) -> Any:
    """The bin, as of the type of the value that it is compared with."""
    match value:
        case bool():
            return exp.bin_bool(name)
        case int():
            return exp.bin_int(name)
        case float():
            return exp.bin_float(name)
        case str():
            return exp.bin_str(name)
    return exp.bin_blob(name)
