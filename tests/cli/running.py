"""How the tests of the command line call it."""

from __future__ import annotations

from click.testing import CliRunner, Result

from triospike.cli.main import cli

__all__ = ["triospike"]


def triospike(*arguments: str, stdin: str | None = None) -> Result:
    """Run a command line in this process; its exit code, stdout and stderr."""
    return CliRunner().invoke(cli, list(arguments), input=stdin, prog_name="triospike")
