"""What no recording shows of functions: limits of registration, missing Lua, several nodes, batches of errors."""

from __future__ import annotations

import base64

import pytest
from asking import Answer, ask_info, field, integer, op, read, send, write
from lone_node import LoneNode

from triospike._lua import engine
from triospike.key import Key
from triospike.server.config import NamespaceConfig

KEY = Key("test", "demo", "user1")
WRITE = 0x01
SOURCE = """
function set(rec, name, value)
  rec[name] = value
  if aerospike:exists(rec) then return aerospike:update(rec) end
  return aerospike:create(rec)
end
function many(rec, count)
  for n = 1, count do rec["b" .. n] = n end
  return aerospike:update(rec)
end
function twice(rec)
  rec.a = 1
  aerospike:update(rec)
  rec.b = 2
  aerospike:update(rec)
  return record.numbins(rec)
end
function forget(rec) rec.lost = 1 return rec.lost end
function drop(rec) record.drop_key(rec) return aerospike:update(rec) end
function again(rec) aerospike:remove(rec) rec.new = 1 return aerospike:create(rec) end
function bad(rec) rec.a = 1 aerospike:update(rec) rec.b = rec aerospike:update(rec) return 1 end
"""


def registered(*namespaces: NamespaceConfig, source: str = SOURCE) -> LoneNode:
    node = LoneNode(*namespaces)
    assert put(node, "m.lua", source) == "ok"
    return node


def put(node: LoneNode, name: str, source: str) -> str:
    content = base64.b64encode(source.encode()).decode()
    return ask_info(node, f"udf-put:filename={name};content={content};content-len={len(content)};udf-type=LUA;")


def apply(node: LoneNode, function: str, packed: bytes = b"\x90", *, info2: int = WRITE, ttl: int = 0) -> Answer:
    fields = (field(30, b"m"), field(31, function.encode()), field(32, packed))
    return send(node, KEY, info=(0, info2, 0), fields=fields, ttl=ttl)


def result(answer: Answer) -> int:
    ((name, kind, value),) = answer.bins
    assert (answer.code, name, kind) == (0, "SUCCESS", 1)
    return int.from_bytes(bytes.fromhex(value), "big", signed=True)


pytestmark = pytest.mark.skipif(not engine.is_available(), reason="needs lupa")


def test_changes_are_replicated_and_counted_as_one_write() -> None:
    node = registered()
    write(node, KEY)
    before = len(node.replicated)
    assert result(apply(node, "twice")) == 2
    assert node.replicated[before:] == [KEY.digest]
    assert read(node, KEY).generation == 2
    assert [name for name, _, _ in read(node, KEY).bins] == ["a", "b"]


def test_what_is_not_updated_is_not_stored_nor_replicated() -> None:
    node = registered()
    write(node, KEY)
    before = len(node.replicated)
    assert result(apply(node, "forget")) == 1
    assert len(node.replicated) == before
    assert [name for name, _, _ in read(node, KEY).bins] == ["a"]


def test_failed_update_undoes_those_before_it() -> None:
    node = registered()
    write(node, KEY)
    answer = apply(node, "bad")
    assert (answer.code, answer.bins) == (12, [])
    assert [(name, value) for name, _, value in read(node, KEY).bins] == [("a", integer(1).hex())]


@pytest.mark.parametrize(("count", "code"), [(511, 0), (512, 21), (1025, 21)])
def test_record_of_a_function_has_512_bins_at_most(count: int, code: int) -> None:
    node = registered()
    write(node, KEY)
    answer = apply(node, "many", b"\x91\xcd" + count.to_bytes(2, "big"))
    assert answer.code == code
    assert len(read(node, KEY).bins) == (1 + count if code == 0 else 1)


def test_record_can_be_removed_and_made_anew_in_one_call() -> None:
    node = registered()
    write(node, KEY)
    assert result(apply(node, "again")) == 0
    after = read(node, KEY)
    assert (after.generation, [name for name, _, _ in after.bins]) == (2, ["new"])


def test_stored_key_can_be_dropped() -> None:
    node = registered()
    send(node, KEY, op(2, "a", 1, integer(1)), info=(0, WRITE, 0), fields=(field(2, b"\x03user1"),))
    stored = node.namespaces["test"].stored(KEY.digest)
    assert stored is not None
    assert stored.user_key == b"\x03user1"
    assert result(apply(node, "drop")) == 0
    stored = node.namespaces["test"].stored(KEY.digest)
    assert stored is not None
    assert stored.user_key is None


def test_expired_record_is_made_anew() -> None:
    node = registered()
    write(node, KEY, ttl=10)
    node.calendar.now += 20
    assert result(apply(node, "set", bytes.fromhex("92a2036e07"))) == 0
    after = read(node, KEY)
    assert (after.generation, [name for name, _, _ in after.bins]) == (1, ["n"])


def test_ttl_is_refused_where_nothing_expires() -> None:
    node = registered(NamespaceConfig("test", nsup_period=0))
    write(node, KEY)
    assert apply(node, "twice", ttl=100).code == 22
    assert read(node, KEY).generation == 1


@pytest.mark.parametrize("info2", [0x05, 0x09, 0x21])
def test_conditions_on_generation_or_existence_are_refused(info2: int) -> None:
    node = registered()
    assert apply(node, "twice", info2=info2).code == 4


def test_record_of_another_set_is_refused() -> None:
    node = registered()
    write(node, KEY)
    other = Key.from_digest("test", "other", KEY.digest)
    fields = (field(30, b"m"), field(31, b"forget"), field(32, b"\x90"))
    assert send(node, other, info=(0, WRITE, 0), fields=fields).code == 4


def test_new_version_of_a_module_is_used_at_once() -> None:
    node = registered(source="function f(rec) return 1 end")
    assert result(apply(node, "f")) == 1
    assert put(node, "m.lua", "function f(rec) return 2 end") == "ok"
    assert result(apply(node, "f")) == 2


def test_module_may_require_another_as_long_as_that_is_there() -> None:
    node = registered(source="function f(rec) return 1 end")
    needy = "require('n') function f(rec) return g() end"
    assert put(node, "m.lua", needy).startswith("error=compile_error;file=m.lua;line=1;message=")
    assert result(apply(node, "f")) == 1
    assert put(node, "n.lua", "function g() return 2 end") == "ok"
    assert put(node, "m.lua", needy) == "ok"
    assert result(apply(node, "f")) == 2
    assert ask_info(node, "udf-remove:filename=n.lua") == "ok"
    answer = apply(node, "f")
    assert (answer.code, bytes.fromhex(answer.bins[0][2])) == (100, b"UDF: Execution Error 1")


# Registering.


@pytest.mark.parametrize(
    ("parameters", "answer"),
    [
        ("content=YQ==;content-len=4", "error=invalid_filename"),
        ("filename=.lua;content=YQ==;content-len=4", "error=invalid_filename"),
        ("filename=a.;content=YQ==;content-len=4", "error=invalid_filename"),
        (f"filename={'a' * 124}.lua;content=YQ==;content-len=4", "error=invalid_filename"),
        ("filename=a.lua;content=YQ==", "error=invalid_content_len"),
        ("filename=a.lua;content=YQ==;content-len=x", "error=invalid_content_len"),
        ("filename=a.lua;content=YQ==;content-len=8", "error=invalid_content"),
        ("filename=a.lua;content-len=4", "error=invalid_content"),
        ("filename=a.lua;content=Y!==;content-len=4", "error=invalid_base64_content"),
        (f"filename=a.lua;content={'A' * 1398108};content-len=1398108", "error=invalid_udf_content_len,>1M"),
        ("filename=a.lua;content=eD0x;content-len=4;udf-type=PY", "error=invalid_udf_type"),
        ("filename=a.lua;content=eD0x;content-len=4", "ok"),
    ],
)
def test_registration_is_checked(parameters: str, answer: str) -> None:
    assert ask_info(LoneNode(), f"udf-put:{parameters}") == answer


def test_files_are_listed_in_the_order_of_their_registration() -> None:
    node = LoneNode()
    for name in ("b.lua", "a.lua"):
        put(node, name, "x = 1")
    names = [row.split(",")[0] for row in ask_info(node, "udf-list").split(";") if row]
    assert names == ["filename=b.lua", "filename=a.lua"]
    assert ask_info(node, "udf-remove:filename=b.lua") == "ok"
    assert ask_info(node, "udf-list").startswith("filename=a.lua,hash=")
    assert ask_info(node, "udf-clear-cache") == "ok"


# Without Lua.


def test_server_without_lua_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    node = registered()
    monkeypatch.setattr(engine, "_lupa", lambda: None)
    node.modules.clear_cache()
    answer = apply(node, "twice")
    assert answer.code == 100
    ((name, _, text),) = answer.bins
    assert (name, bytes.fromhex(text)) == ("FAILURE", b"UDF: this server has no Lua: install triospike[lua]")
    assert put(node, "x.lua", "x = 1") == "ERROR:16:Lua needs the package lupa: install triospike[lua]"
