"""The README says the truth: its commands, its programs, its numbers, its map."""

from __future__ import annotations

import ast
import re
import sys
import textwrap
from typing import Any

import pytest
import trio

import triospike
from sources import PACKAGE, ROOT, sources
from triospike import EventPolicy, Key, Replica
from triospike.cli.main import cli
from triospike.limits import recommend

README = (ROOT / "README.md").read_text(encoding="utf-8")
CI = (ROOT / ".ci" / "run").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    """The code blocks of a language, in order."""
    return re.findall(rf"^```{language}\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)


def rows_under(heading: str) -> list[list[str]]:
    """The cells of the first table whose head holds these words."""
    lines = README.splitlines()
    [start] = [number for number, line in enumerate(lines) if line.startswith("|") and heading in line]
    rows = []
    for line in lines[start + 2 :]:
        if not line.startswith("|"):
            break
        rows.append([cell.strip() for cell in line.strip("|").split("|")])
    return rows


def number(cell: str) -> int:
    """A number as people write it."""
    return int(cell.replace(",", ""))


def test_the_first_two_commands_are_complete_in_themselves() -> None:
    demo, tests, *_ = blocks("sh")
    for command in (demo, tests):
        assert command.count("\n") == 1
        assert command.startswith("python3 -m venv .venv && .venv/bin/pip install -q ")
    assert demo.endswith("'.[cli]' && .venv/bin/triospike demo\n")
    assert tests.endswith("'.[test]' && .venv/bin/pytest\n")


def test_the_checks_run_the_first_two_commands_as_they_stand_here() -> None:
    assert "readme_command 1" in CI
    assert "readme_command 2" in CI
    script = re.search(r"readme_command\(\) \{\n(.*?)^\}", CI, re.MULTILINE | re.DOTALL)
    assert script is not None
    assert "README.md" in script[1]


def test_the_program_is_the_first_example_and_short() -> None:
    program = blocks("python")[0]
    assert program == (ROOT / "examples" / "quick_start.py").read_text(encoding="utf-8")
    assert sum(bool(line.strip()) for line in program.splitlines()) <= 20


async def test_the_program_runs() -> None:
    with trio.fail_after(60):
        done = await trio.run_process(
            [sys.executable, "-W", "error", "-c", blocks("python")[0]], capture_stdout=True
        )
    assert b"age 37, generation 2" in done.stdout


async def run_fragment(fragment: str, scope: dict[str, Any]) -> None:
    """Run a piece of a program as if it stood in an async function; the names that it binds stay."""
    code = compile(fragment, "README.md", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    waiting = eval(code, scope)
    if waiting is not None:
        await waiting


async def test_the_fragments_run_one_after_the_other(capsys: pytest.CaptureFixture[str]) -> None:
    fragments = blocks("python")[1:]
    assert len(fragments) >= 4
    scope: dict[str, Any] = {"triospike": triospike, "trio": trio, "key": Key("test", "readme", 1)}
    with trio.fail_after(60):
        async with (
            triospike.open_event_loops(2, EventPolicy(max_commands_in_process=20)) as loops,
            triospike.open_client("embedded://", event_loops=loops) as client,
        ):
            await client.put(scope["key"], {"visits": 0})
            scope |= {"client": client, "event_loops": loops}
            for fragment in fragments:
                await run_fragment(textwrap.dedent(fragment), scope)
    assert "SubmitState" in capsys.readouterr().out


def test_the_limits_are_those_that_the_arithmetic_gives() -> None:
    rows = rows_under("connections of all")
    assert len(rows) >= 5
    for programs, loops, in_process, connections, of_all in rows:
        made = recommend(15_000, number(programs), number(loops), 50)
        assert (made.event_loops, made.max_commands_in_process, made.async_max_conns_per_node) == (
            number(loops),
            number(in_process),
            number(connections),
        )
        assert made.connections_per_node == number(of_all) <= 15_000 * 0.9


def test_the_limits_command_gives_a_row_of_the_table() -> None:
    [command] = [block for block in blocks("sh") if block.startswith("triospike limits")]
    options = dict(re.findall(r"--([a-z-]+) (\d+)", command))
    made = recommend(
        int(options["proto-fd-max"]),
        int(options["clients"]),
        int(options["event-loops"]),
        int(options["in-process"]),
    )
    assert "260" in README
    assert made.async_max_conns_per_node == 260


def test_the_verbs_are_those_of_the_command_line() -> None:
    told = " ".join(cell for row in rows_under("what it does") for cell in row[:1])
    words = set(re.findall(r"[a-z]+(?:-[a-z]+)*", told.replace("triospike", "")))
    assert set(cli.commands) <= words
    options = set(re.findall(r"--([a-z-]+)", told))
    known = {name.removeprefix("--") for verb in cli.commands.values() for p in verb.params for name in p.opts}
    assert options <= known


def test_the_settings_exist() -> None:
    names = {name for cls in vars(triospike.policy).values() if hasattr(cls, "__slots__") for name in dir(cls)}
    told = set(re.findall(r"`([a-z]+(?:_[a-z]+)+)[`=]", README))
    own = {"result_code", "in_doubt", "sub_errors", "open_client", "filter_exp"}
    assert told - own <= names | set(dir(triospike.Client)) | {"in_process"}
    assert Replica.PREFER_RACK.name in README


def test_every_room_is_on_the_map() -> None:
    cells = " ".join(row[0] for row in rows_under("what is in it"))
    rooms = {source.room for source in sources(PACKAGE)} - {"__init__", "__main__", "testing"}
    assert not {room for room in rooms if f"`{room}`" not in cells}


def test_links_lead_somewhere() -> None:
    headings = {
        re.sub(r"[^a-z -]", "", heading.lower()).replace(" ", "-")
        for heading in re.findall(r"^## (.*)$", README, re.MULTILINE)
    }
    for target in re.findall(r"\]\(([^)]+)\)", README):
        if target.startswith("#"):
            assert target[1:] in headings
        elif not target.startswith("https://"):
            assert (ROOT / target).exists(), target


def test_no_line_is_too_long_to_be_read() -> None:
    prose = [line for line in README.splitlines() if not line.startswith("|")]
    assert max(map(len, prose)) <= 125
