"""Records that stream in, made into one batch of columns after the other."""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator, Callable, Sequence
from typing import Any, Generic, Protocol, TypeAlias, TypeVar, runtime_checkable

from .rows import Row

__all__ = ["Batches", "Chunked", "Source"]

T = TypeVar("T")


@runtime_checkable
class Chunked(Protocol):
    """Records that can be had many at a time, as the results of a query can."""

    def chunks(self, size: int) -> AsyncIterator[Sequence[Row]]:
        """Lists of at most so many records."""


Source: TypeAlias = AsyncIterable[Row] | AsyncIterable[Sequence[Row]] | Chunked


class Batches(Generic[T]):
    """Batches of columns, for ``async for``: it holds no more rows than a batch and a chunk of the source.

    Who leaves the loop early, and does not leave the block of the query at once too, closes it, as any iterator of
    that kind: ``async with aclosing(batches): ...``.

    Args:
        source: Where the rows come from, one at a time or many.
        chunk: Rows of a batch; the last may have fewer.
        build: Makes a batch of rows.
    """

    __slots__ = ("_build", "_chunk", "_ended", "_left", "_rows")

    def __init__(self, source: Source, chunk: int, build: Callable[[Sequence[Row]], T]) -> None:
        if isinstance(chunk, bool) or not isinstance(chunk, int):
            raise TypeError(f"chunk must be an int, not {type(chunk).__name__}")
        if chunk < 1:
            raise ValueError(f"chunk must be at least 1, not {chunk}")
        self._rows: AsyncIterator[Any]
        if isinstance(source, Chunked):
            self._rows = source.chunks(chunk)
        elif isinstance(source, AsyncIterable):
            self._rows = aiter(source)
        else:
            raise TypeError(
                f"the source must be what `async for` takes, not {type(source).__name__}; "
                "for a list there are numpy_array and arrow_table"
            )
        self._chunk = chunk
        self._build = build
        self._left: list[Row] = []
        self._ended = False

    def __aiter__(self) -> Batches[T]:
        return self

    async def __anext__(self) -> T:
        while len(self._left) < self._chunk and not self._ended:
            try:
                found = await anext(self._rows)
            except StopAsyncIteration:
                self._ended = True
            else:
                self._left.extend(found if isinstance(found, list | tuple) else (found,))
        if not self._left:
            raise StopAsyncIteration
        rows, self._left = self._left[: self._chunk], self._left[self._chunk :]
        return self._build(rows)

    async def aclose(self) -> None:
        """Close the source, if it can be closed. There are no more batches then."""
        self._ended = True
        self._left = []
        close = getattr(self._rows, "aclose", None)
        if close is not None:
            await close()
