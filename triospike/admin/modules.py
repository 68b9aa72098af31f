"""Modules of functions in the server, as servers list them (protocol section 6.7)."""

from __future__ import annotations

import base64
import binascii
import hashlib

import attrs

from ..errors import ProtocolError
from .pairs import parse_pairs

__all__ = [
    "LUA",
    "UdfModule",
    "check_module_name",
    "explained",
    "module_hash",
    "parse_module",
    "parse_modules",
]

LUA = "LUA"
_SUFFIX = ".lua"
_FORBIDDEN = frozenset(";=,/\\:\t\n\r\0 ")
_MAX_NAME = 127


@attrs.frozen
class UdfModule:
    """A module.

    Attributes:
        name: Its file name, with ``.lua``; `Client.apply` takes it without.
        hash: What the server tells versions apart by, in hex; empty where it was not asked for.
        language: Always "LUA".
        content: The file; None in a list of modules.
    """

    name: str
    hash: str = ""
    language: str = LUA
    content: bytes | None = attrs.field(default=None, repr=False)

    @property
    def source(self) -> str:
        """The content as text; what is no UTF-8 is kept as lone surrogates, so that nothing is lost.

        Raises:
            ValueError: The content is not known: `Client.get_udf` brings it.
        """
        if self.content is None:
            raise ValueError(f"the content of {self.name!r} was not asked for; Client.get_udf brings it")
        return self.content.decode("utf-8", "surrogateescape")


def check_module_name(name: str) -> str:
    """A module's file name, with ``.lua`` put to a name without extension.

    Raises:
        TypeError: It is no str.
        ValueError: A server could not keep a file of that name.
    """
    if not isinstance(name, str):
        raise TypeError(f"name must be a str, not {type(name).__name__}")
    full = name if "." in name else name + _SUFFIX
    if not name or name.startswith(".") or _FORBIDDEN & set(full) or len(full.encode()) > _MAX_NAME:
        raise ValueError(
            f"name must be a file name of at most {_MAX_NAME} bytes, without spaces, slashes, or any of ;=,: - "
            f"it is {name!r}"
        )
    return full


def module_hash(name: str, content: bytes) -> str:
    """The hash that servers list a module with: of the JSON text that they pass on to each other."""
    encoded = base64.b64encode(content).decode()
    text = f'{{"content64": "{encoded}", "type": "{LUA}", "name": "{name}"}}'
    return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()


def parse_modules(text: str) -> list[UdfModule]:
    """Read the value of ``udf-list``."""
    rows = [parse_pairs(row, ",") for row in text.split(";")]
    return [
        UdfModule(row["filename"], row.get("hash", ""), row.get("type", LUA)) for row in rows if "filename" in row
    ]


def parse_module(name: str, text: str) -> UdfModule:
    """Read the value of ``udf-get``.

    Args:
        name: The module's.
        text: The value.

    Raises:
        ProtocolError: The value has no content in base64.
    """
    pairs = parse_pairs(text)
    try:
        content = base64.b64decode(pairs["content"], validate=True)
    except (KeyError, binascii.Error) as error:
        raise ProtocolError(f"no content of the module {name!r} in {text[:80]!r}") from error
    return UdfModule(name, module_hash(name, content), pairs.get("type", LUA), content)


def explained(refusal: str) -> str:
    """What a server says of a module that it refuses, for people.

    Args:
        refusal: As it says it: ``error=compile_error;file=…;line=…;message=…``, the message in base64.
    """
    pairs = parse_pairs(refusal)
    reason = pairs.get("error", refusal).replace("_", " ")
    try:
        told = base64.b64decode(pairs.get("message", ""), validate=True).decode("utf-8", "replace")
    except binascii.Error:
        told = pairs["message"]
    where = f"{pairs['file']}:{pairs.get('line', '?')}" if "file" in pairs else ""
    return ": ".join(part for part in (reason, where, told) if part)
