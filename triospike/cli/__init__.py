"""The command line. It needs the extra ``cli``: click and rich."""

from __future__ import annotations

import sys

try:
    import click as click
    import rich as rich
except ModuleNotFoundError as missing:
    if missing.name not in ("click", "rich"):
        raise
    sys.stderr.write(f'triospike: the command line needs {missing.name}: pip install "triospike[cli]"\n')
    raise SystemExit(2) from None
