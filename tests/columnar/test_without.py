"""Columns where NumPy and pyarrow are not installed."""

from __future__ import annotations

import sys
from collections.abc import Callable
from subprocess import run
from typing import Any

import pytest

from columnar.making import one_by_one
from sources import ROOT
from triospike import columns


@pytest.mark.parametrize(
    ("call", "module", "extra"),
    [
        (lambda: columns.numpy_array([]), "numpy", r"pip install 'triospike\[numpy\]'"),
        (lambda: columns.numpy_batches(one_by_one([])), "numpy", r"pip install 'triospike\[numpy\]'"),
        (lambda: columns.arrow_table([]), "pyarrow", r"pip install 'triospike\[arrow\]'"),
        (lambda: columns.arrow_batches(one_by_one([])), "pyarrow", r"pip install 'triospike\[arrow\]'"),
    ],
)
def test_what_is_missing_is_said(
    call: Callable[[], Any], module: str, extra: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("structured", "tables"):
        monkeypatch.delitem(sys.modules, f"triospike.columns.{name}", raising=False)
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(ImportError, match=extra):
        call()


def test_neither_is_loaded_before_it_is_needed() -> None:
    program = "import sys; from triospike import columns; print({'numpy', 'pyarrow'} & set(sys.modules))"
    done = run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.strip() == "set()"
