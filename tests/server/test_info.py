from __future__ import annotations

from collections.abc import Mapping

import attrs
import pytest
from asking import ask_info, integer, op, read, write
from lone_node import LoneNode

from triospike.key import Key
from triospike.server.config import NamespaceConfig, ServerConfig
from triospike.server.dispatch import Session
from triospike.server.ports import NodeView


class Pair(LoneNode):
    """One of two nodes: the first masters partitions below 2048, the second the rest."""

    def __init__(self, node_id: str, rack: int | None = None) -> None:
        super().__init__(NamespaceConfig("test"), NamespaceConfig("bar"))
        self.node_id = node_id
        self.members: list[Pair] = []
        self.rack = rack
        if rack is not None:
            self.config = attrs.evolve(self.config, nodes=2, rack_ids=(1, 2))

    @property
    def rack_ids(self) -> Mapping[str, int]:
        return dict.fromkeys(self.namespaces, self.rack or 0)

    def owner_of(self, namespace: str, partition_id: int, *, write: bool) -> NodeView | None:
        return self.members[partition_id >= 2048]

    def cluster_size(self) -> int:
        return 2

    def service_text(self, kind: str) -> str:
        return f"10.0.0.{self.node_id[-1]}:3000" if kind == "clear-std" else ""


def pair(*racks: int) -> tuple[Pair, Pair]:
    first, second = Pair("BB1", racks[0] if racks else None), Pair("BB2", racks[1] if racks else None)
    first.members = second.members = [first, second]
    return first, second


def pairs(text: str) -> dict[str, str]:
    return dict(item.split("=", 1) for item in text.split(";"))


def test_racks_are_told_when_the_cluster_has_some() -> None:
    first, second = pair(1, 2)
    assert ask_info(first, "rack-ids") == "test:1;bar:1"
    assert ask_info(second, "rack-ids") == "test:2;bar:2"
    assert ask_info(first, "racks:namespace=test") == "rack_1=BB1:rack_2=BB2"
    assert ask_info(first, "racks:") == "ns=test:rack_1=BB1:rack_2=BB2;ns=bar:rack_1=BB1:rack_2=BB2"
    assert ask_info(first, "racks:namespace=nope") == "ERROR:20:namespace not found on node"


def test_nodes_of_one_rack_are_listed_from_the_highest_id() -> None:
    first, _ = pair(7, 7)
    assert ask_info(first, "racks:namespace=test") == "rack_7=BB2,BB1"


def test_other_nodes_are_listed_for_old_clients() -> None:
    first, _ = pair()
    assert ask_info(first, "service") == "10.0.0.1:3000"
    assert ask_info(first, "services") == "10.0.0.2:3000"


def test_old_replica_maps_leave_out_what_old_clients_do_not_know() -> None:
    node = LoneNode(NamespaceConfig("test"), NamespaceConfig("bar"))
    bitmap = "/" * 682 + "8="
    assert ask_info(node, "replicas-all") == f"test:1,{bitmap};bar:1,{bitmap}"
    assert ask_info(node, "replicas-master") == f"test:{bitmap};bar:{bitmap}"


def test_cluster_is_stable_only_without_migrations() -> None:
    node = LoneNode()
    node.is_available = False
    assert ask_info(node, "cluster-stable:") == "ERROR:7:unstable cluster"
    assert ask_info(node, "cluster-stable:ignore-migrations=true") == "914080978D64"
    assert ask_info(node, "cluster-stable:size=two") == "ERROR:4:bad size"
    assert ask_info(node, "cluster-stable:ignore-migrations=yes") == "ERROR:4:bad ignore migrations"


def test_truncation_reaches_the_masters_of_all_partitions() -> None:
    first, second = pair()
    keys = [Key("test", "demo", number) for number in range(20)]
    for key in keys:
        write(first, key)
    write(first, Key("test", "other", 1))
    assert first.namespaces["test"].count > 0 < second.namespaces["test"].count
    first.replicated.clear()
    assert ask_info(second, "truncate:namespace=test;set=demo") == "ok"
    assert {read(first, key).code for key in keys} == {2}
    assert read(first, Key("test", "other", 1)).code == 0
    assert len(first.replicated) == sum(key.partition_id < 2048 for key in keys)


def test_truncation_spares_what_was_written_since() -> None:
    node = LoneNode()
    old, new = Key("test", "demo", 1), Key("test", "demo", 2)
    write(node, old)
    node.calendar.now += 10
    between = int((node.calendar.now - 5) * 1_000_000_000)
    write(node, new)
    assert ask_info(node, f"truncate-namespace:namespace=test;lut={between}") == "ok"
    assert (read(node, old).code, read(node, new).code) == (2, 0)


def test_sets_are_told_with_their_records_even_when_those_are_gone() -> None:
    node = LoneNode()
    write(node, Key("test", "demo", 1))
    write(node, Key("test", "", 1))
    assert ask_info(node, "sets").startswith("ns=test:set=demo:objects=1:tombstones=0:data_used_bytes=")
    assert ask_info(node, "sets/test/demo").startswith("objects=1:tombstones=0:")
    assert ask_info(node, "sets/test/").count("set=") == 1
    ask_info(node, "truncate:namespace=test;set=demo")
    assert ask_info(node, "sets/test/demo").startswith("objects=0:tombstones=0:data_used_bytes=0:")


def test_statistics_count_records() -> None:
    node = LoneNode()
    write(node, Key("test", "demo", 1), op(2, "a", 1, integer(1)))
    statistics = pairs(ask_info(node, "statistics"))
    assert (statistics["objects"], statistics["cluster_size"], statistics["client_connections"]) == ("1", "1", "1")
    assert ask_info(node, "objects") == "1"


def test_namespace_tells_which_records_it_masters() -> None:
    first, second = pair()
    key = Key("test", "demo", "user1")  # in partition 1539
    write(first, key)
    stored = first.namespaces["test"].stored(key.digest)
    assert stored is not None
    second.namespaces["test"].put(key.digest, stored)
    master, prole = pairs(ask_info(first, "namespace/test")), pairs(ask_info(second, "namespace/test"))
    assert (master["objects"], master["master_objects"], master["prole_objects"]) == ("1", "1", "0")
    assert (prole["objects"], prole["master_objects"], prole["prole_objects"]) == ("1", "0", "1")
    assert (master["ns_cluster_size"], master["effective_replication_factor"]) == ("2", "2")


@pytest.mark.parametrize(
    ("setting", "told"),
    [
        ("default-ttl=1d", "default-ttl=86400"),
        ("nsup-period=2m", "nsup-period=120"),
        ("allow-ttl-without-nsup=true", "allow-ttl-without-nsup=true"),
        ("max-record-size=2048", "max-record-size=2048"),
        ("default-read-touch-ttl-pct=10", "default-read-touch-ttl-pct=10"),
    ],
)
def test_setting_of_a_namespace_is_changed_and_told(setting: str, told: str) -> None:
    node = LoneNode()
    assert ask_info(node, f"set-config:context=namespace;namespace=test;{setting}") == "ok"
    assert told in ask_info(node, "get-config:context=namespace;namespace=test").split(";")


def test_changed_setting_is_heeded() -> None:
    node = LoneNode()
    ask_info(node, "set-config:context=namespace;namespace=test;max-record-size=1024")
    assert write(node, Key("test", "demo", 1), op(2, "a", 3, b"x" * 1025)).code == 13


@pytest.mark.parametrize(
    ("command", "refusal"),
    [
        ("context=namespace;namespace=test;default-ttl=-1", "ERROR:4:invalid set-config parameter"),
        ("context=namespace;namespace=test;default-ttl=soon", "ERROR:4:invalid set-config parameter"),
        ("context=namespace;namespace=test;allow-ttl-without-nsup=2", "ERROR:4:invalid set-config parameter"),
        ("context=namespace;namespace=test", "ERROR:4:invalid set-config parameter"),
        ("context=namespace;namespace=test;migrate-sleep=9", "ERROR:16:this server can't change 'migrate-sleep'"),
        ("context=service;query-max-done=5", "ERROR:16:this server can't change 'query-max-done'"),
        ("context=service;nosuch=5", "ERROR:4:invalid set-config parameter"),
        ("context=service", "ERROR:4:invalid set-config parameter"),
        ("context=network;heartbeat.interval=9", "ERROR:16:this server can't change 'heartbeat.interval'"),
        ("context=nope;a=b", "ERROR:4:invalid context"),
        ("a=b", "ERROR:4:missing 'context'"),
        ("context=namespace;namespace=;a=b", "ERROR:20:missing 'namespace' value"),
    ],
)
def test_setting_that_can_not_be_changed_is_refused(command: str, refusal: str) -> None:
    assert ask_info(LoneNode(), f"set-config:{command}") == refusal


def test_user_agent_is_kept_once_for_each_connection() -> None:
    node, session = LoneNode(), Session()
    command = "user-agent-set:value=MSxweXRob24tMTkuMy4wLGFwcA=="
    assert ask_info(node, command, session) == "ok"
    assert session.user_agent == "1,python-19.3.0,app"
    assert ask_info(node, command, session) == "ERROR:4:already set"
    assert ask_info(node, command) == "ok"


@pytest.mark.parametrize(
    ("command", "answer"),
    [
        ("user-agent-set:value=" + "A" * 88, "ERROR:4:'value' value too long"),
        ("latencies:hist=nope", "ERROR:4:bad hist name"),
        ("get-stats:context=xdr", "ERROR:25:enterprise only"),
        ("get-stats:context=nope", "ERROR:4:unknown context"),
        ("histogram:namespace=test", "ERROR:4:missing 'type'"),
        ("peers-clear-std:generation=x", "ERROR:4:bad generation"),
        ("peers-clear-std:generation=0", "0,3000,[]"),
        ("query-abort:id=x", "ERROR:4:bad id"),
        ("sindex/nope", "ERROR:20:namespace not found on node"),
        ("sindex/test/i", "ERROR:201:no index"),
        ("udf-put:filename=a.lua;content=;udf-type=LUA", "error=invalid_content_len"),
        ("health-outliers", ""),
        ("health-stats", ""),
        ("truncate-undo:", "ERROR:20:missing 'namespace'"),
        ("truncate:namespace=test;set=a;lut=0x1", "ERROR:4:would truncate to 0"),
        ("truncate:namespace=test;set=a;lut=010", "ERROR:4:would truncate to 0"),
        ("get-config:context=security", ""),
        ("get-config:context=nope", "ERROR:4:invalid context"),
        ("name", "A7"),
    ],
)
def test_command_is_answered(command: str, answer: str) -> None:
    assert ask_info(LoneNode(), command) == answer


def test_network_settings_tell_the_address() -> None:
    network = pairs(ask_info(LoneNode(), "get-config:context=network"))
    assert (network["service.port"], network["service.address"]) == ("3000", "127.0.0.1")
    service = pairs(ask_info(LoneNode(), "get-config:context=service"))
    assert (service["node-id"], service["proto-fd-max"]) == ("A7", str(ServerConfig().proto_fd_max))
