"""Notes beside a file of how far an export or import of it came, so that the next run goes on there."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import attrs
import click

__all__ = ["Progressed", "StateFile", "check_begin"]

_VERSION = 1


@attrs.frozen
class Progressed:
    """How far the work came.

    Attributes:
        offset: Bytes of the file that are done.
        records: Records, or lines, that are done.
        more: What else the work has to know, as JSON takes it.
    """

    offset: int
    records: int
    more: dict[str, Any] = attrs.field(factory=dict)


class StateFile:
    """The notes.

    Args:
        file: The file that they are about.
        suffix: What follows its name in that of the notes.
        job: What the work is, as JSON takes it; notes of other work are not taken.
    """

    def __init__(self, file: Path, suffix: str, job: dict[str, Any]) -> None:
        self.path = file.with_name(file.name + suffix)
        self._job = job

    def exists(self) -> bool:
        """There are notes: an earlier run did not come to its end."""
        return self.path.exists()

    def read(self) -> Progressed:
        """What an earlier run noted.

        Raises:
            click.ClickException: There are no notes, or they are of other work, or not to be read.
        """
        try:
            noted = json.loads(self.path.read_text(encoding="utf-8"))
            if noted["version"] != _VERSION:
                raise click.ClickException(f"{self.path} is of another version of this command")
            job, progressed = noted["job"], Progressed(noted["offset"], noted["records"], noted["more"])
        except FileNotFoundError:
            raise click.ClickException(f"nothing to resume: there is no {self.path}") from None
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise click.ClickException(f"{self.path} can't be read: {error!r}") from None
        for name in job.keys() | self._job.keys():
            was, now = job.get(name), self._job.get(name)
            if was != now:
                raise click.ClickException(f"{self.path} is of other work: {name} was {was!r}, and is {now!r} now")
        return progressed

    def write(self, progressed: Progressed) -> None:
        """Note how far the work came; a crash in between leaves the earlier notes."""
        noted = {"version": _VERSION, "job": self._job, **attrs.asdict(progressed)}
        fresh = self.path.with_name(self.path.name + ".new")
        with fresh.open("w", encoding="utf-8") as file:
            json.dump(noted, file)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self.path)

    def remove(self) -> None:
        """The work is done."""
        self.path.unlink(missing_ok=True)


def check_begin(state: StateFile, *, resume: bool, anew: bool, option: str) -> None:
    """An earlier run that did not come to its end is neither forgotten nor taken up by mistake.

    Args:
        state: Its notes, if there are any.
        resume: The user wants to go on.
        anew: The user wants to begin again.
        option: How one says so.

    Raises:
        click.ClickException: The user has to say which.
    """
    if state.exists() and not resume and not anew:
        raise click.ClickException(
            f"an earlier run did not finish ({state.path}): --resume goes on, {option} begins again"
        )
