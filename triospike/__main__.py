"""``python -m triospike`` is the command line."""

from __future__ import annotations

from .cli.main import entry_point

if __name__ == "__main__":
    entry_point()
