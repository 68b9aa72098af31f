"""What a node knows of its peers, and how it tells its clients (protocol section 6.4)."""

from __future__ import annotations

from collections.abc import Callable, Collection

from ..host import DEFAULT_PORT, Host

__all__ = ["Peers"]


class Peers:
    """The peers that one node sees, each with the generation in which it last came or went.

    Args:
        describe: Id and address of a node, by its index.
    """

    def __init__(self, describe: Callable[[int], tuple[str, Host]]) -> None:
        self._describe = describe
        self._changes: dict[int, tuple[int, bool]] = {}
        self.generation = 0
        """Number of peers that came or went so far."""

    def see(self, present: Collection[int]) -> None:
        """Take in which peers are live now."""
        for node in sorted({*present, *self._changes}):
            is_present = node in present
            if self._changes.get(node, (0, False))[1] != is_present:
                self.generation += 1
                self._changes[node] = self.generation, is_present

    def forget(self) -> None:
        """Begin anew, as a node that was restarted."""
        self._changes.clear()
        self.generation = 0

    def text(self, since: int | None = None) -> str:
        """All live peers, or with since only those that came or went after that generation."""
        rows = []
        for node, (changed, present) in self._changes.items():
            if changed <= (since or 0):
                continue
            name, address = self._describe(node)
            if present:
                rows.append(f"[{name},,[{str(address).removesuffix(f':{DEFAULT_PORT}')}]]")
            elif since:
                rows.append(f"[{name},,]")
        return f"{self.generation},{DEFAULT_PORT},[{','.join(rows)}]"
