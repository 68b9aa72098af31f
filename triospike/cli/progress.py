"""Progress bars on stderr for what takes long. Where stderr is no terminal there are none."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Protocol

import attrs
import trio
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn

from .render import console
from .targets import only

__all__ = ["Bar", "Standing", "open_bar", "wait_for"]

REFRESH = 0.2
POLL = 0.1
LONGEST_POLL = 1.0


@attrs.frozen
class Standing:
    """How far something is.

    Attributes:
        fraction: From 0 to 1; None if nobody knows.
        text: What is done so far, in words.
    """

    fraction: float | None
    text: str = ""


class Bar:
    """A bar, or nothing where stderr is no terminal.

    Args:
        title: What goes on.
        look: Tells how far it is.
    """

    def __init__(self, title: str, look: Callable[[], Standing]) -> None:
        screen = console(stderr=True)
        self._look = look
        self._progress: Progress | None = None
        if screen.is_terminal:
            self._progress = Progress(
                TextColumn("{task.description}"),
                BarColumn(bar_width=20),
                TaskProgressColumn(),
                TextColumn("{task.fields[text]}"),
                console=screen,
                auto_refresh=False,
                transient=True,
            )
            self._task = self._progress.add_task(title, total=None, text="")

    @property
    def visible(self) -> bool:
        """There is a terminal to show it on."""
        return self._progress is not None

    def start(self) -> None:
        """Show it."""
        if self._progress is not None:
            self._progress.start()

    def stop(self) -> None:
        """Take it away."""
        if self._progress is not None:
            self._progress.stop()

    def refresh(self) -> None:
        """Show how far it is now."""
        if self._progress is not None and self._progress.live.is_started:
            standing = self._look()
            total = None if standing.fraction is None else 1.0
            self._progress.update(
                self._task, completed=standing.fraction or 0.0, total=total, text=standing.text, refresh=True
            )

    @contextmanager
    def away(self) -> Iterator[None]:
        """Take the bar away for the length of the block, so that lines can be printed to the same terminal."""
        self.stop()
        try:
            yield
        finally:
            self.start()


@asynccontextmanager
async def open_bar(title: str, look: Callable[[], Standing]) -> AsyncIterator[Bar]:
    """Show a bar for the length of the block.

    Args:
        title: What goes on.
        look: Tells how far it is; called now and then.
    """
    bar = Bar(title, look)
    if not bar.visible:
        yield bar
        return
    try:
        async with trio.open_nursery() as nursery:
            bar.start()
            try:
                nursery.start_soon(_keep_fresh, bar)
                yield bar
            finally:
                bar.stop()
                nursery.cancel_scope.cancel()
    except BaseExceptionGroup as group:  # as if there had been no nursery: the same without a terminal
        raise only(group) from None


async def _keep_fresh(bar: Bar) -> None:
    while True:
        bar.refresh()
        await trio.sleep(REFRESH)


class Progressing(Protocol):
    """What servers say of how far they are."""

    @property
    def done(self) -> bool:
        """All of it is done."""

    @property
    def fraction(self) -> float:
        """How much, from 0 to 1."""


async def wait_for(title: str, ask: Callable[[], Awaitable[Progressing]], text: str = "") -> None:
    """Wait with a bar until the servers are done.

    Args:
        title: What they do.
        ask: Asks them how far they are.
        text: What to show beside the bar.

    Raises:
        AerospikeError: What ``ask`` raised.
    """
    latest = Standing(0.0, text)
    pause = POLL
    async with open_bar(title, lambda: latest):
        while not (found := await ask()).done:
            latest = Standing(found.fraction, text)
            await trio.sleep(pause)
            pause = min(pause * 1.5, LONGEST_POLL)
