from __future__ import annotations

import re
from typing import Any

import attrs
import pytest
import trio

from triospike.cli.demo_view import follow_live
from triospike.cli.histogram import Histogram
from triospike.cli.judgement import NodePeaks, Report
from triospike.cli.scenario import DemoConfig, Phase, Scenario, bins_of

from .running import triospike

SMALL = DemoConfig(commands=900, nodes=3, event_loops=3, in_process=8, connections=24)
GOOD = Report(
    commands=200,
    done=200,
    failed=0,
    retried=3,
    mismatched=(),
    errors=(),
    seconds_writing=1.0,
    seconds_reading=1.0,
    latency=Histogram(),
    connection_limit=10,
    at_work_peak=20,
    at_work_limit=20,
    in_process_peak=5,
    in_process_limit=5,
    queued_peak=90,
    queued_limit=100,
    nodes=(NodePeaks(name="A", connections=10, at_work=10, commands=100),),
)


async def test_nothing_is_lost_and_no_limit_exceeded_although_a_node_is_lost() -> None:
    scenario = Scenario(SMALL)
    report = await scenario.run()
    assert list(report.faults()) == []
    assert report.done == 1_800
    assert scenario.phase is Phase.DONE
    assert any("stopped" in text for _, text in scenario.events)
    assert any("started again" in text for _, text in scenario.events)
    assert 0 < report.at_work_peak <= 24
    assert all(0 < node.connections <= 24 for node in report.nodes)
    assert report.latency.count > 0


async def test_without_the_loss_no_node_is_stopped() -> None:
    scenario = Scenario(attrs.evolve(SMALL, commands=300, nodes=1, kill=False))
    report = await scenario.run()
    assert report.ok
    assert report.retried == 0
    assert not any("stopped" in text for _, text in scenario.events)


async def test_fewer_connections_than_commands_in_process_are_enough() -> None:
    report = await Scenario(attrs.evolve(SMALL, commands=300, connections=4, kill=False)).run()
    assert report.ok
    assert max(node.connections for node in report.nodes) <= 4


def test_records_are_the_same_each_time_and_differ_from_each_other() -> None:
    assert bins_of(7) == bins_of(7)
    assert bins_of(7) != bins_of(8)


def test_a_good_report_has_no_faults() -> None:
    assert GOOD.ok


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"done": 199, "failed": 1}, "1 of 200 commands were not done"),
        ({"mismatched": (4, 9)}, "2 records were not read back as they were written: 4, 9"),
        (
            {"nodes": (NodePeaks(name="A", connections=11, at_work=1, commands=1),)},
            "node A counted 11 connections",
        ),
        ({"at_work_peak": 21}, "21 commands at work on the servers, the limit is 20"),
        ({"in_process_peak": 6}, "6 commands in process of an event loop, the limit is 5"),
        ({"queued_peak": 101}, "101 commands in an event loop's queue, the limit is 100"),
        ({"errors": (("boom", 2),)}, "2 × boom"),
    ],
)
def test_each_fault_is_named(change: dict[str, Any], fault: str) -> None:
    (found,) = attrs.evolve(GOOD, **change).faults()
    assert fault in found


def test_a_queue_without_a_bound_is_never_exceeded() -> None:
    assert attrs.evolve(GOOD, queued_limit=0, queued_peak=10_000).ok


def test_the_verb_prints_what_happens_and_a_table_and_judges() -> None:
    sizes = ("--commands", "300", "--event-loops", "2", "--in-process", "5", "--connections", "10")
    result = triospike("demo", *sizes)
    assert result.exit_code == 0, result.output
    for part in (
        "300 writes submitted",
        "stopped",
        "600 of 600",
        "300 of 300",
        "counted by",
        "✓ nothing was lost",
    ):
        assert part in result.stdout
    assert result.stderr == ""
    assert max(len(line) for line in result.stdout.splitlines() if " client: " not in line) <= 80


def test_a_queue_that_is_too_short_fails_with_one_line() -> None:
    sizes = (
        "--commands",
        "300",
        "--event-loops",
        "2",
        "--in-process",
        "5",
        "--queue",
        "10",
        "--connections",
        "10",
    )
    result = triospike("demo", *sizes)
    assert result.exit_code == 1
    assert "max_commands_in_queue is 10" in result.stderr
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize(("lines", "loops"), [(40, 12), (24, 10)])
async def test_the_live_view_fits_the_terminal(
    lines: int, loops: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in {"COLUMNS": "80", "LINES": str(lines), "FORCE_COLOR": "1", "TERM": "xterm"}.items():
        monkeypatch.setenv(name, value)
    scenario = Scenario(attrs.evolve(SMALL, commands=900, event_loops=12))
    async with trio.open_nursery() as nursery:
        nursery.start_soon(follow_live, scenario)
        await scenario.run()
        nursery.cancel_scope.cancel()
    pictures = [part.split("╰")[0] for part in capsys.readouterr().out.split("╭")[1:]]
    picture = max(pictures, key=len)
    assert picture.count("\n") + 1 < lines
    assert "connections, limit 24" in picture
    assert f"│ {loops - 1} " in _without_colours(picture)
    assert f"│ {loops} " not in _without_colours(picture)


def _without_colours(text: str) -> str:
    return re.sub(r"\x1b\[[0-9;]*m", "", text)
