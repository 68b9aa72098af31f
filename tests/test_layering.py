"""Which room may import which: read from the source of every file, so that no detour escapes."""

from __future__ import annotations

import ast
import sys
import tomllib
from graphlib import TopologicalSorter
from itertools import groupby
from subprocess import run

import pytest

from sources import PACKAGE, ROOT, Import, Source, imports_of, room_of, sources

VOCABULARY = {"_digest", "_version", "clock", "errors", "host", "key", "packed", "record", "result_code", "values"}
"""Floor 0: no Trio, no I/O."""

CALLS = {"batch", "query", "admin"}
"""What users build for calls on many records, and what comes back."""

MAY_IMPORT: dict[str, set[str]] = {
    **dict.fromkeys(VOCABULARY, VOCABULARY),
    "policy": VOCABULARY,
    "limits": {"policy"},
    "defaults": {"policy"},
    "_wire": VOCABULARY,
    "operations": VOCABULARY | {"_wire"},
    "expressions": VOCABULARY | {"_wire", "operations"},
    "exp": {"expressions"},
    "batch": VOCABULARY | {"policy", "operations"},
    "query": VOCABULARY | {"_wire", "operations"},
    "admin": VOCABULARY | {"_wire", "operations"},
    "_commands": VOCABULARY | CALLS | {"policy", "_wire", "operations"},
    "_net": VOCABULARY | {"_wire"},
    "_cluster": VOCABULARY | {"policy", "_wire", "_net"},
    "_execution": VOCABULARY | CALLS | {"policy", "_commands", "_net", "_cluster", "_lua"},
    "task": VOCABULARY | CALLS | {"policy", "_commands", "_cluster", "_execution"},
    # The door.
    "prepare": VOCABULARY | {"policy", "defaults", "operations", "_commands", "_execution"},
    "_client": VOCABULARY
    | CALLS
    | {"policy", "defaults", "operations", "task", "_commands", "_cluster", "_execution", "_lua"},
    "client": VOCABULARY | {"policy", "defaults", "prepare", "_client", "_commands", "_cluster", "_execution"},
    "embedded": {"server", "_execution"},
    "opening": VOCABULARY | {"policy", "defaults", "limits", "client", "embedded", "_cluster", "_execution"},
    "__init__": VOCABULARY
    | CALLS
    | {"policy", "limits", "operations", "exp", "client", "embedded", "opening", "task", "_execution"},
    "columns": VOCABULARY | {"__init__", "batch", "query"},
    "workers": VOCABULARY | {"__init__", "policy", "_execution"},
    # Lua with the types that functions in the server know: for server and client alike.
    "_lua": VOCABULARY | {"_wire"},
    # The house next door shares the vocabulary, the wire and Lua with the client, and nothing else.
    "server": VOCABULARY - {"record"} | {"_wire", "_lua"},
    # Guests: what any program could do.
    "testing": VOCABULARY | {"__init__", "policy", "embedded", "server"},
    "cli": VOCABULARY | {"__init__", "policy", "limits", "operations", "embedded", "server", "testing"},
    "__main__": {"cli"},
}

WITHOUT_TRIO = VOCABULARY | {
    "policy",
    "limits",
    "defaults",
    "_wire",
    "_lua",
    "operations",
    "expressions",
    "exp",
    "batch",
    "query",
    "admin",
    "columns",
    "_commands",
}

THIRD_PARTY = {
    "attrs": set(MAY_IMPORT),
    "trio": set(MAY_IMPORT) - WITHOUT_TRIO,
    "trio_util": set(MAY_IMPORT) - WITHOUT_TRIO,
    "outcome": {"_execution", "_net"},  # part of Trio's own interface, and a dependency of it
    "msgpack": {"_wire"},
    "lupa": {"_lua"},
    "numpy": {"columns"},
    "pyarrow": {"columns"},
    "click": {"cli"},
    "rich": {"cli"},
}

SOCKETS = {"socket", "ssl", "select"}
TRIO_SOCKETS = {"socket", "SocketStream", "SocketListener", "SSLStream", "open_tcp_stream", "serve_tcp"}

ALL = sources(PACKAGE)
IMPORTS = tuple(found for source in ALL for found in imports_of(source))


def is_ours(found: Import) -> bool:
    """It imports a module of this package."""
    return found.module.split(".")[0] == PACKAGE


def listed(found: list[Import]) -> list[str]:
    """For messages."""
    return [str(one) for one in found]


def uses_sockets(source: Source) -> bool:
    """It imports a socket module, or names what Trio has of that kind."""
    return any(found.module.split(".")[0] in SOCKETS for found in imports_of(source)) or any(
        isinstance(node, ast.Attribute) and ast.unparse(node.value) == "trio" and node.attr in TRIO_SOCKETS
        for node in ast.walk(source.tree)
    )


def test_every_room_has_its_rule() -> None:
    assert {source.room for source in ALL} <= MAY_IMPORT.keys()


@pytest.mark.parametrize("room", sorted(MAY_IMPORT))
def test_a_room_imports_only_what_its_rule_allows(room: str) -> None:
    allowed = MAY_IMPORT[room] | {room}
    assert not listed(
        [
            found
            for found in IMPORTS
            if found.importer.room == room and is_ours(found) and room_of(found.module) not in allowed
        ]
    )


def test_the_rules_have_no_cycle_above_the_vocabulary() -> None:
    graph = {room: others - VOCABULARY for room, others in MAY_IMPORT.items() if room not in VOCABULARY}
    assert tuple(TopologicalSorter(graph).static_order())


def test_no_module_imports_itself_by_a_detour() -> None:
    graph: dict[str, set[str]] = {source.module: set() for source in ALL if not source.is_package}
    for found in IMPORTS:
        if found.at_run_time and found.importer.module in graph and found.module in graph:
            graph[found.importer.module].add(found.module)
    assert len(tuple(TopologicalSorter(graph).static_order())) == len(graph)


def test_the_server_is_imported_lazily_by_the_door() -> None:
    assert not listed(
        [
            found
            for found in IMPORTS
            if found.at_run_time
            and is_ours(found)
            and room_of(found.module) == "server"
            and found.importer.room not in {"server", "cli", "testing"}
        ]
    )


def test_a_program_that_needs_no_server_does_not_load_one() -> None:
    lines = ["import sys, triospike", "print(*sys.modules, sep='\\n')"]
    done = run([sys.executable, "-c", "\n".join(lines)], capture_output=True, text=True, check=True, cwd=ROOT)
    loaded = set(done.stdout.split())
    assert "triospike.client" in loaded
    assert not {name for name in loaded if name.startswith(("triospike.server", "triospike.cli.", "click"))}


def test_other_packages_are_imported_only_in_their_rooms() -> None:
    others = [
        found
        for found in IMPORTS
        if not is_ours(found) and found.module.split(".")[0] not in sys.stdlib_module_names
    ]
    assert others
    assert not listed(
        [
            found
            for found in others
            if found.importer.room not in THIRD_PARTY.get(found.module.split(".")[0], set())
        ]
    )


def test_other_packages_are_declared() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = [
        package for name in ("cli", "lua", "numpy", "arrow") for package in project["optional-dependencies"][name]
    ]
    declared = " ".join([*project["dependencies"], *extras]).replace("-", "_")
    assert all(name in declared for name in THIRD_PARTY if name != "outcome")


def test_sockets_are_touched_in_two_places_only() -> None:
    rooms = {
        room: [source.name for source in files]
        for room, files in groupby(filter(uses_sockets, ALL), key=lambda source: source.room)
    }
    assert rooms.keys() == {"_net", "server"}
    assert rooms["server"] == ["triospike/server/serve.py"]


def test_the_calendar_is_read_in_one_place_only() -> None:
    readers = {
        found.importer.name for found in IMPORTS if found.module.split(".")[0] in {"time", "datetime", "calendar"}
    }
    assert readers == {"triospike/clock.py"}


def test_no_other_event_loop_is_mentioned() -> None:
    strangers = {"asyncio", "threading", "concurrent", "multiprocessing", "anyio", "sniffio"}
    assert not listed([found for found in IMPORTS if found.module.split(".")[0] in strangers])
