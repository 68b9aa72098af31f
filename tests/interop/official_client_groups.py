"""What the official client is asked to do, in groups. Each returns what it got, in a form that JSON can carry."""

from __future__ import annotations

import time

import aerospike
from aerospike import exception
from aerospike_helpers.operations import operations
from official_client_batch import batch

__all__ = ["GROUPS", "attempt", "wait_for_nodes"]

NEVER = 0xFFFFFFFF
KEEP = 0xFFFFFFFE


def attempt(call: object, *arguments: object) -> object:
    """What a call returns, or the code of its error."""
    try:
        return call(*arguments)  # type: ignore[operator]
    except exception.AerospikeError as error:
        return f"error {error.code}"


def commands(client: aerospike.Client) -> dict[str, object]:
    key = ("test", "demo", "user1")
    got: dict[str, object] = {}
    got["get missing"] = attempt(client.get, key)
    got["put"] = attempt(client.put, key, {"name": "Ada", "age": 36, "scores": [1, 2.5], "tags": {"x": "y"}})
    got["get"] = client.get(key)[2]
    got["select"] = client.select(key, ["age"])[2]
    got["select missing"] = client.select(key, ["height"])[2]
    got["exists"] = client.exists(key)[1]["gen"]
    got["exists missing"] = client.exists(("test", "demo", "nobody"))[1]
    client.append(key, "name", " Lovelace")
    client.prepend(key, "name", "Countess ")
    client.increment(key, "age", 4)
    client.touch(key)
    got["changed"] = client.get(key)[2]
    got["generation"] = client.get(key)[1]["gen"]
    ops = [operations.increment("age", 1), operations.read("age"), operations.append("name", "!")]
    got["operate"] = client.operate(key, ops)[2]
    got["increment a string"] = attempt(client.increment, key, "name", 1)
    client.remove_bin(key, ["tags"])
    got["bins left"] = sorted(client.get(key)[2])
    got["remove"] = attempt(client.remove, key)
    got["remove missing"] = attempt(client.remove, key)
    got["unknown namespace"] = attempt(client.put, ("nope", "demo", 1), {"a": 1})
    return got


def changes_of_nothing(client: aerospike.Client) -> dict[str, object]:
    """Most changes make a record that is not there, but touch does not."""
    got: dict[str, object] = {}
    changes = {
        "append": (client.append, "b"),
        "prepend": (client.prepend, "a"),
        "increment": (client.increment, 3),
    }
    for name, (change, operand) in changes.items():
        key = ("test", "demo", name)
        got[name] = [attempt(change, key, "bin", operand), client.get(key)[2]]
        client.remove(key)
    got["touch"] = attempt(client.touch, ("test", "demo", "nobody"))
    got["remove the last bin"] = attempt(client.remove_bin, ("test", "demo", "nobody"), ["bin"])
    return got


def operate(client: aerospike.Client) -> dict[str, object]:
    key = ("test", "demo", "operate")
    got: dict[str, object] = {}
    write_and_read = [
        operations.write("f", 1.5),
        operations.increment("f", 2.25),
        operations.write("s", "middle"),
        operations.prepend("s", "<"),
        operations.append("s", ">"),
        operations.read("f"),
        operations.read("s"),
        operations.read("missing"),
    ]
    got["in order"] = [list(pair) for pair in client.operate_ordered(key, write_and_read)[2]]
    got["touch and read"] = client.operate(key, [operations.touch(), operations.read("s")])[1]["gen"]
    got["append null"] = attempt(client.operate, key, [operations.append("s", aerospike.null())])
    got["fails as a whole"] = attempt(
        client.operate, key, [operations.write("x", 1), operations.increment("s", 1)]
    )
    got["delete and write"] = client.operate(key, [operations.delete(), operations.write("y", 1)])[2]
    got["left"] = client.get(key)[2]
    got["read of no record"] = attempt(client.operate, ("test", "demo", "nobody"), [operations.read("s")])
    client.remove(key)
    return got


def values(client: aerospike.Client) -> dict[str, object]:
    """What each value reads back as, as Python writes it."""
    key = ("test", "demo", "values")
    bins = {
        "largest": 2**63 - 1,
        "smallest": -(2**63),
        "float": -0.5,
        "bool": True,
        "text": "grüße 🎉",
        "empty": "",
        "bytes": b"\x00\xff",
        "array": bytearray(b"ab"),
        "list": [1, "two", 3.5, None, [b"x", {"y": False}]],
        "map": {"b": 1, "a": [2, {}]},
        "place": aerospike.GeoJSON({"type": "Point", "coordinates": [13.4, 52.5]}),
    }
    client.put(key, bins)
    got: dict[str, object] = {name: repr(value) for name, value in sorted(client.get(key)[2].items())}
    client.put(key, {"text": aerospike.null()})
    got["bins after a null"] = len(client.get(key)[2])
    got["name of 16 bytes"] = attempt(client.operate, key, [operations.write("sixteen-bytes-xx", 1)])
    got["too big"] = attempt(client.put, key, {"big": "x" * (9 << 20)})
    client.remove(key)
    return got


def keys(client: aerospike.Client) -> dict[str, object]:
    """Store each key, and read it back; the digest of each for whoever looks into the server."""
    got: dict[str, object] = {}
    user_keys: dict[str, str | int | bytearray] = {"text": "käthe", "number": 42, "bytes": bytearray(b"\x01\x02")}
    for name, user_key in user_keys.items():
        key = ("test", "keys", user_key)
        put = attempt(client.put, key, {"n": 1}, {}, {"key": aerospike.POLICY_KEY_SEND})
        digest = aerospike.calc_digest(*key)
        by_digest = client.get(("test", "keys", None, digest))[2]
        sent = client.get(key, {"key": aerospike.POLICY_KEY_SEND})[2]
        got[name] = {"put": put, "digest": digest.hex(), "by digest": by_digest, "sent": sent}
    outside = ("test", None, "outside any set")
    got["no set"] = [attempt(client.put, outside, {"n": 1}), client.get(outside)[2]]
    return got


def policies(client: aerospike.Client) -> dict[str, object]:
    key, missing = ("test", "demo", "policies"), ("test", "demo", "nobody")

    def put(to: object, bins: dict[str, int], meta: dict[str, int], **policy: object) -> object:
        return attempt(client.put, to, bins, meta, policy)

    equal, newer = aerospike.POLICY_GEN_EQ, aerospike.POLICY_GEN_GT
    got: dict[str, object] = {}
    got["create"] = put(key, {"a": 1}, {}, exists=aerospike.POLICY_EXISTS_CREATE)
    got["create again"] = put(key, {"a": 1}, {}, exists=aerospike.POLICY_EXISTS_CREATE)
    got["update"] = put(key, {"b": 2}, {}, exists=aerospike.POLICY_EXISTS_UPDATE)
    got["update missing"] = put(missing, {"b": 2}, {}, exists=aerospike.POLICY_EXISTS_UPDATE)
    got["updated"] = client.get(key)[2]
    got["replace"] = put(key, {"c": 3}, {}, exists=aerospike.POLICY_EXISTS_REPLACE)
    got["replace missing"] = put(missing, {"c": 3}, {}, exists=aerospike.POLICY_EXISTS_REPLACE)
    got["replaced"] = client.get(key)[2]
    got["create or replace"] = put(key, {"d": 4}, {}, exists=aerospike.POLICY_EXISTS_CREATE_OR_REPLACE)
    got["generation equal"] = put(key, {"d": 5}, {"gen": 4}, gen=equal)
    got["generation not equal"] = put(key, {"d": 6}, {"gen": 4}, gen=equal)
    got["generation newer"] = put(key, {"d": 7}, {"gen": 9}, gen=newer)
    got["generation not newer"] = put(key, {"d": 8}, {"gen": 6}, gen=newer)
    got["left"] = client.get(key)[2]
    got["commit by the master"] = put(key, {"d": 9}, {}, commit_level=aerospike.POLICY_COMMIT_LEVEL_MASTER)
    reading = {"read_mode_ap": aerospike.POLICY_READ_MODE_AP_ALL, "replica": aerospike.POLICY_REPLICA_ANY}
    got["read from any"] = client.get(key, reading)[2]
    got["durable delete"] = attempt(client.remove, key, {}, {"durable_delete": True})
    got["remove another generation"] = attempt(client.remove, key, {"gen": 1}, {"gen": equal})
    got["remove"] = attempt(client.remove, key, {"gen": 7}, {"gen": equal})
    return got


def lifetimes(client: aerospike.Client) -> dict[str, object]:
    """Seconds that each record has left, to the next ten, since they go by."""
    key = ("test", "demo", "lifetimes")

    def left() -> int:
        ttl = int(client.exists(key)[1]["ttl"])
        return ttl if ttl == NEVER else -(-ttl // 10) * 10

    got: dict[str, object] = {}
    for name, ttl in {"given": 1000, "kept": KEEP, "none": NEVER, "default": 0}.items():
        client.put(key, {"a": 1}, {"ttl": ttl})
        got[name] = left()
    client.touch(key, 500)
    got["touched"] = left()
    client.operate(key, [operations.touch(200)])
    got["touched by operate"] = left()
    got["too long"] = attempt(client.put, key, {"a": 1}, {"ttl": 11 * 365 * 24 * 3600})
    got["where nothing expires"] = attempt(client.put, ("bar", "demo", 1), {"a": 1}, {"ttl": 10})
    client.remove(key)
    return got


def info(client: aerospike.Client) -> dict[str, object]:
    names = sorted(entry["node_name"] for entry in client.get_node_names())
    return {
        "names": names,
        "all": {name: [error, answer] for name, (error, answer) in client.info_all("build").items()},
        "each": [client.info_single_node("node", name) for name in names],
        "any": client.info_random_node("namespaces"),
        "no such command": attempt(client.info_single_node, "nonsense", names[0]),
        "connected": client.is_connected(),
    }


def truncate(client: aerospike.Client) -> dict[str, object]:
    for index in range(20):
        client.put(("test", "gone", index), {"i": index})
        client.put(("test", "stays", index), {"i": index})
    answer = client.truncate("test", "gone", 0)

    def found(set_name: str) -> int:
        return sum(client.exists(("test", set_name, index))[1] is not None for index in range(20))

    deadline = time.monotonic() + 10
    while found("gone") and time.monotonic() < deadline:  # a real server does it in the background
        time.sleep(0.05)
    got: dict[str, object] = {"truncate": answer, "gone": found("gone"), "stays": found("stays")}
    got["unknown namespace"] = attempt(client.truncate, "nope", "gone", 0)
    return got


def many(client: aerospike.Client) -> dict[str, object]:
    """Write records of many partitions; return how many read back right."""
    for index in range(500):
        client.put(("test", "many", index), {"i": index})
    return {"right": sum(client.get(("test", "many", index))[2] == {"i": index} for index in range(500))}


GROUPS = {
    group.__name__: group
    for group in (
        commands,
        changes_of_nothing,
        operate,
        values,
        keys,
        policies,
        lifetimes,
        info,
        truncate,
        many,
        batch,
    )
}


def wait_for_nodes(client: aerospike.Client, count: int) -> list[tuple[str, int]]:
    deadline = time.monotonic() + 10
    while len(client.get_nodes()) != count and time.monotonic() < deadline:
        time.sleep(0.05)
    return sorted(client.get_nodes())
