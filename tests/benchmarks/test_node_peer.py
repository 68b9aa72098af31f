"""The peer that is not Python: how it is started, that its absence is told, and that its files agree with ours."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from benchmarks.job import BATCH, Case, Job
from benchmarks.peers import NODE
from benchmarks.processes import HERE, Worker
from benchmarks.shapes import SHAPES

FIGURES = {"seconds", "commands", "units", "cpu", "peak", "errors", "beside", "priority", "p50", "p99", "p99.9"}

STAND_IN = f"""#!{sys.executable}
import json, sys
job = json.loads(sys.stdin.readline())
print(json.dumps({{"imported": 1, "versions": {{"arguments": sys.argv[1:]}}}}), flush=True)
print(json.dumps({{"ready": True, "loop": job["options"]["modules"]}}), flush=True)
while seconds := sys.stdin.readline().strip():
    print(json.dumps({{"units": 1, "seconds": float(seconds)}}), flush=True)
"""

PACKAGE = """
class Plain { constructor(settings) { Object.assign(this, settings); } }
let gets = 0;
const client = {
  async get() {
    if (++gets > 2 && gets % 2) throw Object.assign(new Error('lost'), { name: 'AerospikeError', code: 9 });
    return { bins: { data: 'x'.repeat(20) } };
  },
  close() {},
};
module.exports = {
  connect: async (config) => client, log: { WARN: 1 }, Key: Plain, Double: Number,
  operations: { incr() {}, read() {} },
  ReadPolicy: Plain, WritePolicy: Plain, OperatePolicy: Plain, BatchPolicy: Plain, QueryPolicy: Plain,
};
"""


def job_of(modules: Path, in_flight: int = 2, *, competing: bool = False) -> Job:
    return Job(
        peer=NODE,
        case=Case(in_flight=in_flight, competing=competing),
        hosts=(("127.0.0.1", 1),),
        namespace="test",
        set_name="bench-small-10",
        keys=10,
        options={"modules": str(modules)},
    )


def test_without_the_program_the_peer_is_absent_with_the_reason(tmp_path: Path) -> None:
    worker = Worker(job_of(tmp_path), str(tmp_path / "no-node"))
    worker.connected()
    worker.warm_up(0.1)
    worker.round(0.1)
    worker.stop()
    assert worker.facts == {"absent": f"{tmp_path / 'no-node'} cannot be run: No such file or directory"}
    assert not worker.rounds


def test_without_its_package_the_peer_is_absent_with_the_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NODE_PATH", raising=False)
    worker = Worker(job_of(tmp_path))
    worker.connected()
    worker.stop()
    # Which of the two is missing depends on the machine; that something is, must be told on any.
    assert worker.facts["absent"] in {
        "node cannot be run: No such file or directory",
        f"no npm package aerospike from {tmp_path} on",
    }


def test_it_is_driven_by_the_same_lines_as_the_peers_in_python(tmp_path: Path) -> None:
    program = tmp_path / "stand-in"
    program.write_text(STAND_IN, encoding="utf-8")
    program.chmod(0o755)
    worker = Worker(job_of(tmp_path), str(program))
    worker.connected()
    worker.warm_up(0.5)
    worker.round(0.25)
    worker.stop()
    assert worker.facts["versions"] == {"arguments": ["--expose-gc", str(HERE / "node" / "worker.js")]}
    assert worker.facts["loop"] == str(tmp_path)
    assert worker.rounds == [{"units": 1, "seconds": 0.25}]


@pytest.mark.parametrize("competing", [False, True])
def test_where_there_is_node_its_rounds_have_the_figures_of_the_others(tmp_path: Path, competing: bool) -> None:
    folder = tmp_path / "node_modules" / "aerospike"
    folder.mkdir(parents=True)
    (folder / "package.json").write_text('{"version": "0.0.1", "main": "main.js"}', encoding="utf-8")
    (folder / "main.js").write_text(PACKAGE, encoding="utf-8")
    worker = Worker(job_of(tmp_path, competing=competing))
    worker.connected()
    worker.round(0.05)
    worker.stop()
    if "absent" in worker.facts:
        assert worker.facts["absent"] == "node cannot be run: No such file or directory"
        return
    assert worker.facts["versions"]["aerospike"] == "0.0.1"
    (figures,) = worker.rounds
    assert figures.keys() == FIGURES
    assert figures["units"] == figures["commands"] > 0
    assert figures["errors"]["AerospikeError 9"] > 0
    assert 0 <= figures["p50"] <= figures["p99"] <= figures["p99.9"]
    assert (figures["beside"] is not None) == competing


def test_its_files_know_every_shape_and_the_size_of_a_batch() -> None:
    shapes = (HERE / "node" / "shapes.js").read_text(encoding="utf-8")
    assert all(f"case '{shape}':" in shapes for shape in SHAPES)
    assert f"const BATCH = {BATCH};" in (HERE / "node" / "calls.js").read_text(encoding="utf-8")
