from __future__ import annotations

from typing import Any

import pytest

from triospike.server.config import NamespaceConfig, ServerConfig


def test_defaults_are_one_node_with_one_namespace() -> None:
    config = ServerConfig()
    assert config.nodes == 1
    assert [namespace.name for namespace in config.namespaces] == ["test"]
    assert config.namespaces[0].max_record_size == 1048576


def test_lists_become_tuples() -> None:
    config = ServerConfig(nodes=2, namespaces=[NamespaceConfig("a"), NamespaceConfig("b")], rack_ids=[1, 2])
    assert config.rack_ids == (1, 2)
    assert isinstance(config.namespaces, tuple)


@pytest.mark.parametrize(
    ("settings", "field"),
    [
        ({"nodes": 0}, "nodes"),
        ({"nodes": 129}, "nodes"),
        ({"namespaces": ()}, "namespaces"),
        ({"namespaces": (NamespaceConfig("a"), NamespaceConfig("a"))}, r"namespaces\[1\]"),
        ({"cluster_name": ""}, "cluster_name"),
        ({"port": 65536}, "port"),
        ({"nodes": 3, "port": 65400}, "port"),
        ({"proto_fd_max": 0}, "proto_fd_max"),
        ({"build": "eight"}, "build"),
        ({"nodes": 2, "rack_ids": (1,)}, "rack_ids"),
        ({"rack_ids": (-1,)}, r"rack_ids\[0\]"),
        ({"service_time": -0.1}, "service_time"),
        ({"migration_interval": float("nan")}, "migration_interval"),
        ({"batch_max_requests": -1}, "batch_max_requests"),
        ({"batch_index_threads": 257}, "batch_index_threads"),
    ],
)
def test_bad_server_setting_is_named(settings: dict[str, Any], field: str) -> None:
    with pytest.raises(ValueError, match=f"^{field} (must|has)"):
        ServerConfig(**settings)


@pytest.mark.parametrize(
    ("settings", "field"),
    [
        ({"name": "x" * 32}, "name"),
        ({"name": "a;b"}, "name"),
        ({"name": "a", "replication_factor": 0}, "replication_factor"),
        ({"name": "a", "default_ttl": -1}, "default_ttl"),
        ({"name": "a", "default_ttl": 315360001}, "default_ttl"),
        ({"name": "a", "nsup_period": -1}, "nsup_period"),
        ({"name": "a", "max_record_size": 8 * 1024 * 1024 + 1}, "max_record_size"),
        ({"name": "a", "default_read_touch_ttl_pct": 101}, "default_read_touch_ttl_pct"),
        ({"name": "a", "default_ttl": 5, "nsup_period": 0}, "default_ttl"),
    ],
)
def test_bad_namespace_setting_is_named(settings: dict[str, Any], field: str) -> None:
    with pytest.raises(ValueError, match=f"^{field} must"):
        NamespaceConfig(**settings)


@pytest.mark.parametrize(
    ("settings", "field"),
    [
        ({"nodes": "3"}, "nodes"),
        ({"nodes": True}, "nodes"),
        ({"namespaces": ("test",)}, r"namespaces\[0\]"),
        ({"build": 8}, "build"),
        ({"service_time": "1"}, "service_time"),
        ({"cluster_name": None}, "cluster_name"),
        ({"rack_ids": ("a",)}, r"rack_ids\[0\]"),
    ],
)
def test_setting_of_another_type_is_named(settings: dict[str, Any], field: str) -> None:
    with pytest.raises(TypeError, match=field):
        ServerConfig(**settings)
