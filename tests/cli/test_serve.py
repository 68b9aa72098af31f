from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from .running import triospike


@contextmanager
def started(*arguments: str) -> Iterator[tuple[subprocess.Popen[str], list[str]]]:
    """A serving process, and what it has printed when it was ready."""
    command = [sys.executable, "-m", "triospike", "serve", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        lines: list[str] = []
        while not lines or "Ctrl-C" not in lines[-1]:
            line = process.stdout.readline()
            assert line, process.communicate()
            lines.append(line.rstrip("\n"))
        try:
            yield process, lines
        finally:
            process.kill()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=lambda number: number.name)
def test_it_serves_until_a_signal_and_leaves_cleanly(number: signal.Signals) -> None:
    with started("--port", "0", "--nodes", "2", "--namespace", "one", "--namespace", "two") as (process, lines):
        assert lines[0] == "Embedded Aerospike cluster: 2 nodes, namespaces one two"
        hosts = lines[1].split()[1]
        assert triospike("put", "--host", hosts, "two", "s", "k", '{"a": 1}').exit_code == 0
        found = triospike("get", "--host", hosts, "two", "s", "k", "--json")
        assert json.loads(found.stdout)["bins"] == {"a": 1}
        process.send_signal(number)
        out, err = process.communicate(timeout=10)
    assert process.returncode == 0
    assert out.startswith(f"Stopped by {number.name}. Served ")
    assert err == ""


def test_it_says_how_to_connect() -> None:
    with started("--port", "0") as (_, lines):
        hosts = lines[1].split()[1]
        assert f'triospike.open_client("{hosts}")' in lines[2]
        assert f"triospike info --host {hosts}" in lines[3]


def test_a_port_that_is_taken_fails_with_one_line(hosts: str) -> None:
    port = hosts.split(",")[0].rpartition(":")[2]
    result = triospike("serve", "--port", port)
    assert result.exit_code == 1
    assert port in result.stderr
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize(
    "arguments",
    [["--nodes", "0"], ["--port", "65500", "--nodes", "9"], ["--namespace", "a b"], ["--namespace", "n"] * 2],
)
def test_settings_that_can_t_be_are_wrong_usage(arguments: list[str]) -> None:
    assert triospike("serve", *arguments).exit_code == 2
