"""What modules can do and can't, how long they may run, and how they are loaded."""

from __future__ import annotations

import pytest

from lua.running import Bins, Files, call, value
from triospike._lua.engine import is_available
from triospike._lua.state import LuaState, ModuleProblem, check_module

pytestmark = pytest.mark.skipif(not is_available(), reason="needs lupa")

TIMEOUT = b"UDF Execution Timeout"


def state_with(source: str, **more: str) -> LuaState:
    return LuaState(Files(m=source, **more), slices=200)


@pytest.mark.parametrize(
    "body",
    [
        "while true do end",
        "while true do pcall(function() while true do end end) end",
        "while true do xpcall(error, function() while true do end end) end",
        "coroutine.wrap(function() while true do end end)()",
        "coroutine.resume(coroutine.create(function() while true do end end)) while true do end",
        "while true do local x = rec.a end",
        "while true do local x = tostring(list{1}) end",
        "return setmetatable({}, {__index = function(t, k) while true do end end}).x",
        "load('while true do end')()",
        "for i = 1, 10 do string.rep('', 1 << 60) end while true do end",
    ],
)
def test_function_that_never_ends_is_ended(body: str) -> None:
    state = state_with(f"function f(rec) {body} end")
    outcome = call(state)
    assert not outcome.is_success
    assert outcome.content == TIMEOUT


def test_error_handlers_get_the_error_and_give_what_is_returned() -> None:
    outcome = call(
        state_with(
            "function f(rec) local ok, e = xpcall(error, function(e) return e .. '!' end, 'x', 0) return e end"
        )
    )
    assert value(outcome) == "x!"


def test_after_a_forced_end_the_state_says_that_it_is_broken() -> None:
    state = state_with("function f(rec) while true do end end function g(rec) return 1 end")
    assert value(call(state, name="g")) == 1
    assert not state.is_broken
    call(state)
    assert state.is_broken


def test_module_that_never_ends_can_not_be_loaded() -> None:
    assert state_with("while true do end").load("m") == TIMEOUT.decode()
    assert check_module(b"while true do end", "m.lua", Files()) == ModuleProblem("", 0, TIMEOUT.decode())


def test_function_that_takes_all_memory_fails() -> None:
    body = "local t = {} while true do t[#t + 1] = ('x'):rep(1 << 20) .. #t end"
    outcome = call(LuaState(Files(m=f"function f(rec) {body} end")))
    assert not outcome.is_success
    assert outcome.content.endswith(b"not enough memory")


@pytest.mark.parametrize(
    "body",
    [
        "return list.insert(list(), 1 << 40, 1)",
        "return bytes.set_byte(bytes(), 1 << 31, 1)",
        "return bytes.get_string(bytes(), 1, 1 << 31)",
    ],
)
def test_list_or_bytes_of_absurd_size_is_refused(body: str) -> None:
    assert call(state_with(f"function f(rec) {body} end")).content == b"not enough memory"


@pytest.mark.parametrize(
    "name",
    [
        *("io", "python", "dofile", "loadfile", "os.execute", "os.exit", "os.remove", "os.getenv", "string.dump"),
        *("package.loadlib", "package.loaded.python", "package.loaded.io", "package.loaded.debug"),
    ],
)
def test_module_can_not_reach(name: str) -> None:
    assert value(call(state_with(f"function f(rec) return tostring({name}) end"))) == "nil"


@pytest.mark.parametrize("wrapped", ["l", "map{a = l}"])
def test_list_that_holds_itself_can_not_be_returned(wrapped: str) -> None:
    outcome = call(state_with(f"function f(rec) local l = list() list.append(l, l) return {wrapped} end"))
    assert (outcome.is_success, outcome.content) == (False, b"nested too deep")


def test_debug_is_a_function_that_logs() -> None:
    files = Files(m="function f(rec)\n  debug('seen %d', 5)\n  warn('w') info('i') trace('t') print(1, nil)\nend")
    call(LuaState(files))
    assert files.lines == [
        (3, "m.lua", 2, "seen 5"),
        (1, "m.lua", 3, "w"),
        (2, "m.lua", 3, "i"),
        (4, "m.lua", 3, "t"),
        (2, "m.lua", 3, "1\tnil"),
    ]


def test_compiled_code_is_not_loaded() -> None:
    outcome = call(state_with("function f(rec) return select(2, load('\\27Lua')) end"))
    assert "attempt to load a binary chunk" in value(outcome)


def test_finalizers_are_refused() -> None:
    outcome = call(state_with("function f(rec) setmetatable({}, {__gc = function() end}) end"))
    assert outcome.content == b"m.lua:1: finalizers are not allowed"


@pytest.mark.parametrize(
    "call_", ["rawget(l, 1)", "rawset(l, 1, 2)", "rawlen(l)", "setmetatable(l, {})", "next(l)"]
)
def test_inside_of_a_list_can_not_be_reached(call_: str) -> None:
    outcome = call(state_with(f"function f(rec) local l = list{{1}} local x = {call_} end"))
    assert b"(table expected, got List)" in outcome.content


def test_a_bin_is_asked_for_once() -> None:
    record = Bins(a=1)
    assert value(call(state_with("function f(r) return r.a + r.a + r.a end"), record=record)) == 3
    assert record.asked == [b"a"]


# Modules.


def test_modules_can_require_others_of_the_cluster() -> None:
    state = state_with(
        "local n = require('names') function f(rec) return n.first end", names="return {first = 'a'}"
    )
    assert value(call(state)) == "a"


def test_modules_that_return_nothing_count_as_loaded_once() -> None:
    state = state_with("require('n') require('n') function f(rec) return times end", n="times = (times or 0) + 1")
    assert value(call(state)) == 1


def test_module_that_is_not_there_can_not_be_required() -> None:
    assert state_with("require('nope')").load("m") == "m.lua:1: module 'nope' not found"


@pytest.mark.parametrize(
    ("source", "problem"),
    [
        ("x = 1", None),
        ("function f(", ModuleProblem("a.lua", 1, "<name> or '...' expected near <eof>")),
        ("\n\nerror('no')", ModuleProblem("a.lua", 3, "no")),
        ("error({})", ModuleProblem("", 0, "(Null error message returned by lua)")),
        ("error('plain', 0)", ModuleProblem("", 0, "plain")),
        ("local x = nil; x.y = 1", ModuleProblem("a.lua", 1, "attempt to index a nil value (local 'x')")),
    ],
)
def test_check_tells_file_line_and_message(source: str, problem: ModuleProblem | None) -> None:
    assert check_module(source.encode(), "a.lua", Files()) == problem
