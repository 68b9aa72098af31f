"""What follows a command's name: arguments, and ``key=value`` pairs (protocol section 6.1)."""

from __future__ import annotations

from ...result_code import ResultCode
from ..ports import NodeView
from ..storage.namespace import Namespace

__all__ = ["InfoError", "Params"]

_TEXT_LIMIT = 128


class InfoError(Exception):
    """A command's refusal, told as ``ERROR:<code>:<message>``.

    Args:
        code: Result code.
        message: For people.
    """

    def __init__(self, code: int, message: str) -> None:
        super().__init__(code, message)
        self.code = code
        self.message = message

    def __str__(self) -> str:
        return f"ERROR:{self.code:d}:{self.message}"


class Params:
    """The text behind a command's name.

    Args:
        text: Everything behind the first separator.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self._pairs: dict[str, str] = {}
        for pair in text.split(";"):
            key, separator, value = pair.partition("=")
            if separator:
                self._pairs.setdefault(key, value)

    @property
    def keys(self) -> list[str]:
        """The keys of all pairs, in order."""
        return list(self._pairs)

    def optional(self, key: str, *, limit: int = _TEXT_LIMIT) -> str | None:
        """The value of a key, None if it is not there.

        Args:
            key: Its name.
            limit: Longest value, in characters.

        Raises:
            InfoError: The value is empty or too long.
        """
        value = self._pairs.get(key)
        if value is None:
            return None
        code = ResultCode.NAMESPACE if key == "namespace" else ResultCode.PARAMETER
        if not value:
            raise InfoError(code, f"missing '{key}' value")
        if len(value) > limit:
            raise InfoError(code, f"'{key}' value too long")
        return value

    def raw(self, key: str) -> str | None:
        """The value of a key as it stands, unchecked; None if it is not there."""
        return self._pairs.get(key)

    def required(self, key: str, *aliases: str, limit: int = _TEXT_LIMIT) -> str:
        """The value of a key, also under one of its old names.

        Raises:
            InfoError: It is missing, empty or too long.
        """
        for name in (key, *aliases):
            value = self.optional(name, limit=limit)
            if value is not None:
                return value
        code = ResultCode.NAMESPACE if key == "namespace" else ResultCode.PARAMETER
        raise InfoError(code, f"missing '{key}'")

    def optional_flag(self, key: str, message: str) -> bool:
        """The value of a key that is true or false, False if it is not there.

        Raises:
            InfoError: It is something else, with this message.
        """
        value = self.optional(key)
        if value not in {None, "true", "false"}:
            raise InfoError(ResultCode.PARAMETER, message)
        return value == "true"

    def namespace(self, node: NodeView, *aliases: str) -> Namespace:
        """The namespace that the pairs name.

        Raises:
            InfoError: None is named, or the node has no such namespace.
        """
        name = self.required("namespace", *aliases)
        namespace = node.namespaces.get(name)
        if namespace is None:
            raise InfoError(ResultCode.NAMESPACE, "namespace not found on node")
        return namespace

    def optional_namespace(self, node: NodeView, *aliases: str) -> Namespace | None:
        """The same, None if none is named."""
        if any(self.optional(key) is not None for key in ("namespace", *aliases)):
            return self.namespace(node, *aliases)
        return None
