from __future__ import annotations

import subprocess
import sys

import pytest

from triospike._version import __version__

from .running import triospike

VERBS = [
    *(
        "demo",
        "serve",
        "get",
        "put",
        "delete",
        "touch",
        "exists",
        "batch-get",
        "scan",
        "query",
        "export",
        "import",
    ),
    *("index", "udf", "truncate", "show", "info", "limits", "bench"),
]
NESTED = [
    *(
        "index create",
        "index drop",
        "index list",
        "udf register",
        "udf list",
        "udf get",
        "udf remove",
        "udf apply",
    ),
    *("show namespaces", "show sets", "show nodes", "show indexes", "show jobs"),
]


def test_the_help_names_every_verb_and_the_exit_codes() -> None:
    result = triospike("--help")
    assert result.exit_code == 0
    for verb in VERBS:
        assert f"  {verb} " in result.stdout
    assert "Exit codes" in result.stdout


@pytest.mark.parametrize("verb", [*VERBS, *NESTED])
def test_every_verb_has_help_that_fits_a_terminal(verb: str) -> None:
    result = triospike(*verb.split(), "--help")
    assert result.exit_code == 0
    assert result.stdout.startswith(f"Usage: triospike {verb}")
    assert max(map(len, result.stdout.splitlines())) <= 80


def test_the_version_is_the_package_s() -> None:
    assert __version__ in triospike("--version").stdout


@pytest.mark.parametrize("arguments", [["fly"], ["get"], ["get", "test", "s"], ["--fast"]])
def test_wrong_usage_is_exit_code_2(arguments: list[str]) -> None:
    result = triospike(*arguments)
    assert result.exit_code == 2
    assert "Usage:" in result.stderr
    assert result.stdout == ""


def test_without_the_extra_one_line_says_what_to_install() -> None:
    program = "import sys; sys.modules['click'] = None; from triospike.cli.main import entry_point"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr.splitlines() == ['triospike: the command line needs click: pip install "triospike[cli]"']


def test_the_package_can_be_run_as_a_module() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "triospike", "--version"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0
    assert done.stdout.startswith("triospike, version")
