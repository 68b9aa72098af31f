"""Every example runs to its end, without a warning, and shows what its docstring promises."""

from __future__ import annotations

import ast
import os
import re
import sys
from pathlib import Path

import pytest
import trio

from sources import ROOT
from triospike import open_embedded_server

EXAMPLES = sorted((ROOT / "examples").glob("*.py"))
MOST_SECONDS = 60

SHOWS = {
    "backpressure": [
        r"raise: 5 completed, 15 refused; peaks: 2 in process, 3 queued",
        r"result code -11: event loop 0: 3 commands wait, max_commands_in_queue is 3",
        r"wait: 20 completed, 0 refused; peaks: 2 in process, 3 queued",
    ],
    "columns": [
        r"array: 2000 rows, 200 ages missing, the others 50\.0 on average",
        r"(record batch of 500 rows\n){4}",
        r"file: 2000 rows, 200 ages missing",
    ],
    "batch": [
        r"put 1000 books on the shelf\nlent 100 of them",
        r"0: \{'item': 'book 0'\}\n1: RECORD_EXISTS \(5\)",
        r"3: \{'item': \[None, 'book 3 \(signed\)'\]\}\nleft: \[False, False, False\]",
    ],
    "event_loops": [
        r"submitted 5000, of which 4936 wait in queues",
        *(
            rf"event loop {index}: 1250 completed, peaks: 16 of 16 in process, 1234 of 2000 queued"
            for index in range(4)
        ),
        r"node BB9010000000001: peak of \d+ of 40 connections",
    ],
    "fault_injection": [
        r"passed: test_first_wins",
        r"passed: test_answer_is_lost",
        r"passed: test_request_is_lost",
        r"passed: test_server_is_overloaded",
    ],
    "generations": [r"5 tasks × 20 changes = 100, with [1-9]\d* collisions", r"GENERATION \(3\)"],
    "indexes": [
        r"built on 3 nodes: 100%",
        r"found 15 records\nfound 199 records",
        r"refused: INDEX_FOUND \(200\)",
        r"example_age: age, readable True, 800 entries in all",
        r"example_likes: likes, readable True, 1396 entries in all",
    ],
    "udf": [
        r"left: 5\nrefused: .*example_books\.lua:4: only 5 left",
        r"in stock: \{'A': 116, 'B': 120, 'C': 120\}",
    ],
    "node_loss": [
        r"before: 3 nodes, all well",
        r"BB9010000000000 stopped: 2 nodes",
        r"BB9010000000000 started: 3 nodes",
        r"acknowledged writes: (\d+), read back: \1, failed: 0",
    ],
    "operate": [
        r"results: \{'visits': \[7, 8\], 'log': 'a;b;'\}",
        r"refused: BIN_TYPE \(12\)",
        r"left: .*bins=\{'visits': 8, 'log': 'a;b;'\}, generation=2",
    ],
    "query": [r"in their thirties: 60", r"of these on the red team: 20", r"after the raise: 1500"],
    "quick_start": [
        r"bins=\{'name': 'Ada', 'tags': \['maths', 'poetry'\]\}, generation=1",
        r"age 37, generation 2",
        r"deleted: True - read again: None",
    ],
    "scan": [
        r"first client: QueryProgress\(partitions_done=\d+, partitions=4096, records=1500\)",
        r"second client: QueryProgress\(partitions_done=4096, partitions=4096, records=3000\)",
        r"sum of all orders: 4498500, as it should be: 4498500",
    ],
    "timeouts_and_doubt": [
        r"attempt 1: waited 0\.\d+ s",
        r"attempt 2: waited 0\.\d+ s",
        r"close_before: in_doubt=True, the balance is 100",
        r"close_after: in_doubt=True, the balance is 110",
        r"in_doubt=False: total_timeout ended in the event loop's queue; never sent",
    ],
    "two_clusters": [r"300 of 300 records arrived; peak in process 16 of 16"],
    "workers": [
        r"2 workers, each with a process of its own: True",
        r"stored 400 pages\nall sizes are there: True",
        r"raised in a worker, caught here: page -1",
        r"ended with exit status 1: True, in doubt: True",
    ],
}


async def run_example(path: Path, *arguments: str) -> str:
    """Run a program as its reader would; return what it prints."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"}
    with trio.fail_after(MOST_SECONDS):
        done = await trio.run_process(
            [sys.executable, "-W", "error", str(path), *arguments],
            capture_stdout=True,
            capture_stderr=True,
            check=False,
            env=environment,
        )
    complaints = done.stderr.decode()
    assert done.returncode == 0, complaints
    assert "Traceback" not in complaints, complaints
    return done.stdout.decode()


def test_every_example_is_checked() -> None:
    assert [path.stem for path in EXAMPLES] == sorted(SHOWS)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
async def test_an_example_shows_what_it_promises(path: Path) -> None:
    printed = await run_example(path)
    for pattern in SHOWS[path.stem]:
        assert re.search(pattern, printed), f"{pattern!r} is not in:\n{printed}"


@pytest.mark.parametrize("name", ["quick_start", "operate", "generations", "backpressure"])
async def test_an_example_runs_against_hosts_given_as_arguments(name: str) -> None:
    async with open_embedded_server() as server:
        printed = await run_example(ROOT / "examples" / f"{name}.py", *map(str, server.hosts))
        served = server.counters.commands_write
    assert re.search(SHOWS[name][0], printed), printed
    assert served > 0


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_says_what_to_look_at(path: Path) -> None:
    told = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    assert path.stem == "quick_start" or "Look at" in told
    assert "/" + path.name in told or path.stem == "quick_start"
