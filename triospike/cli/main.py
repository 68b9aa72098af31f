"""The command ``triospike``: one verb, one file."""

from __future__ import annotations

import click

from .._version import __version__
from .batch_get import batch_get
from .bench import bench
from .delete import delete
from .demo import demo
from .exists import exists
from .export import export
from .get import get
from .import_ import import_
from .index import index
from .info import info
from .limits import limits
from .put import put
from .query import query
from .scan import scan
from .serve import serve
from .show import show
from .touch import touch
from .truncate import truncate
from .udf import udf

__all__ = ["cli", "entry_point"]


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="triospike")
def cli() -> None:
    """A Trio-native client for the Aerospike database, and an embedded server to try it on.

    Start with `triospike demo`. Without --host, a verb runs on an embedded server of its own, and says so.

    Exit codes: 0 done; 1 failed, with one line on stderr that says why; 2 wrong usage.
    """


_VERBS: tuple[click.Command, ...] = (
    *(demo, serve, get, put, delete, touch, exists, batch_get, scan, query),
    *(export, import_, index, udf, truncate, show, info, limits, bench),
)
for _verb in _VERBS:
    cli.add_command(_verb)


def entry_point() -> None:
    """Run the command line; the console script."""
    cli(prog_name="triospike")
