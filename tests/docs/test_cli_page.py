"""The page on the command line: every command in it prints what the page says."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner

from cli.served import serving
from sources import ROOT
from triospike.cli.main import cli
from triospike.server import ServerConfig

PAGE = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")

VARIES = [
    (r"\d+\.\d+ (s|ms)|\d+ (ms|µs|s)\b", "TIME"),
    (r"127\.0\.0\.1[:+]\d+", "ADDRESS"),
    (r"^\d{15,}", "JOB"),
    (r"(?<=,)\d+\.\d+", "SECONDS"),
    (r" +", " "),
    (r" $", ""),
]
"""What differs from run to run, and the spaces that make room for it."""


def steady(text: str) -> str:
    """A text without what differs from run to run."""
    for pattern, replacement in VARIES:
        text = re.sub(pattern, replacement, text, flags=re.MULTILINE)
    return text.strip()


def commands() -> list[tuple[str, str]]:
    """Each command of the page with what it prints."""
    session = "\n".join(re.findall(r"^```console\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL))
    return [
        (command, printed)
        for command, printed in re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n?)*)", session, re.MULTILINE)
    ]


def test_the_session_prints_what_the_page_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name, text in re.findall(r"^```\w+ (\S+)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL):
        (tmp_path / name).write_text(text, encoding="utf-8")
    assert len(commands()) >= 30
    with serving(ServerConfig()) as hosts:
        for command, printed in commands():
            arguments = [hosts if word == "db1" else word for word in shlex.split(command)[1:]]
            result = CliRunner().invoke(cli, arguments, prog_name="triospike")
            assert (command, steady(result.output)) == (command, steady(printed))


def test_every_verb_for_many_records_is_told_about() -> None:
    told = {words[1] for command, _ in commands() if (words := shlex.split(command))}
    verbs = {"batch-get", "scan", "query", "export", "import", "index", "udf", "truncate", "show"}
    assert verbs <= told
    assert verbs <= cli.commands.keys()
