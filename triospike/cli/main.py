"""The command ``triospike``: one verb, one file."""

from __future__ import annotations

import click

from .._version import __version__
from .bench import bench
from .delete import delete
from .demo import demo
from .exists import exists
from .get import get
from .info import info
from .limits import limits
from .put import put
from .serve import serve
from .touch import touch

__all__ = ["cli", "entry_point"]


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="triospike")
def cli() -> None:
    """A Trio-native client for the Aerospike database, and an embedded server to try it on.

    Start with `triospike demo`. Without --host, a verb runs on an embedded server of its own, and says so.

    Exit codes: 0 done; 1 failed, with one line on stderr that says why; 2 wrong usage.
    """


for _verb in (demo, serve, get, put, delete, touch, exists, info, limits, bench):
    cli.add_command(_verb)


def entry_point() -> None:
    """Run the command line; the console script."""
    cli(prog_name="triospike")
