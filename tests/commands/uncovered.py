"""Recorded calls that triospike does not answer with the recorded bytes, by the reason why.

The lists are exact: a test fails for a call that is missing here, and for one that could leave.
"""

from __future__ import annotations

from typing import Final

__all__ = ["DIFFERENT", "LATER", "REFUSED", "SENT_HERE", "ids"]

LATER: Final[dict[str, dict[str, tuple[str, ...]]]] = {
    "single": {
        "compression": ("compress/put", "get/compress-flag"),
    },
    "info": {
        "no call but the opening of a client, whose requests are the tender's own": (
            "connect-and-tend",
            "connect-and-tend/cluster-name-app-id-rack",
            "connect/services-alternate",
            "connect/wrong-cluster-name",
        ),
        "nothing was recorded: the official client had the answer already": ("info_all/node",),
    },
    "security": {
        "users and roles": (
            "change_password",
            "create_pki_user",
            "create_role",
            "create_user",
            "drop_role",
            "drop_user",
            "grant_privileges",
            "grant_roles",
            "login",
            "query_role",
            "query_roles",
            "query_user",
            "query_users",
            "revoke_privileges",
            "revoke_roles",
            "set_password",
            "set_quotas",
            "set_whitelist",
        ),
    },
}
"""There is no such call yet."""

DIFFERENT: Final[dict[str, dict[str, tuple[str, ...]]]] = {
    "single": {
        "the official client cuts a string at its first NUL": ("put/particle/str/nul",),
        "the official client sends keys of type bytes as strings, of type bytearray as blobs": (
            "exists/key/bytes-immutable/digest",
            "exists/key/bytes-immutable/send",
            "get/key/bytes-immutable/digest",
            "get/key/bytes-immutable/send",
            "put/key/bytes-immutable/digest",
            "put/key/bytes-immutable/send",
        ),
        "no bins at all: triospike asks for the header, the official client for nothing": ("select/none",),
        "the official client sends the ttl -3, which only means something to clients": (
            "ttl/client-default/put-policy",
        ),
    },
}
"""triospike sends something else, on purpose."""

REFUSED: Final[dict[str, dict[str, tuple[type[Exception], str]]]] = {
    "single": {
        # Refused by the official client too.
        "append/int-value": (TypeError, r"bins\['s'\] must be str or bytes"),
        "put/bin-name-16": (ValueError, "bin name in bins must be 1 to 15 bytes"),
        "put/int-too-big": (ValueError, r"bins\['b'\] does not fit in 64 bits: 9223372036854775808"),
        "put/key/float": (TypeError, "user_key must be an int, str or bytes, not float"),
        "put/key/int-too-big": (ValueError, "user_key does not fit in 64 bits: 9223372036854775808"),
        "put/key/namespace-32": (ValueError, "namespace must be 1 to 31 bytes long"),
        "put/key/none": (TypeError, "user_key must be an int, str or bytes, not NoneType"),
        "put/key/set-64": (ValueError, "set_name must be at most 63 bytes long"),
        # Sent by the official client, and refused by the server with code 4, unless it finds another reason first.
        "get/read-touch/101": (ValueError, r"ReadPolicy\.read_touch_ttl_percent must be -1 to 100, not 101"),
        "order/filter-before-ttl": (ValueError, r"WritePolicy\.ttl must be -3 to 315360000, not 315360001"),
        "order/update-only-before-ttl": (ValueError, r"WritePolicy\.ttl must be -3 to 315360000, not 315360001"),
        "put/empty-bins": (ValueError, "bins must not be empty"),
        "ttl/too-big/put-meta": (ValueError, r"WritePolicy\.ttl must be -3 to 315360000, not 315360001"),
        "ttl/too-big/put-policy": (ValueError, r"WritePolicy\.ttl must be -3 to 315360000, not 315360001"),
        # The server takes these: a bin without a name, and a read of a bin that can't exist.
        "put/bin-name-empty": (ValueError, "bin name in bins must be 1 to 15 bytes"),
        "select/name-too-long": (ValueError, "bin name in bins must be 1 to 15 bytes"),
        # The official client drops these keys without a word.
        "put/particle/map/float-keys": (TypeError, r"map key 1.5 in bins\['b'\] must be an int, str or bytes"),
        "put/particle/map/mixed-keys": (TypeError, r"map key 2.5 in bins\['b'\] must be an int, str or bytes"),
    },
    "operate": {
        # Refused by the official client too.
        "empty-ops/bins": (ValueError, "operations must not be empty"),
        "empty-ops/ordered": (ValueError, "operations must not be empty"),
    },
    "info": {
        # One call, one command: the answers could not be told apart from the value.
        "info_all/two": (ValueError, "info command must be one line"),
    },
}
"""triospike raises before anything is sent."""

SENT_HERE: Final[dict[str, dict[str, tuple[str, ...]]]] = {
    "single": {
        "an empty blob is a key like others, its digest is in the Go client's tests": (
            "exists/key/bytes-empty/digest",
            "exists/key/bytes-empty/send",
            "get/key/bytes-empty/digest",
            "get/key/bytes-empty/send",
            "put/key/bytes-empty/digest",
            "put/key/bytes-empty/send",
        ),
        "that there is no such namespace is known when a node is looked for, not when the command is made": (
            "get/key/bad-namespace",
            "put/key/bad-namespace",
            "put/key/namespace-31",
        ),
    },
}
"""The official client refused the call itself, triospike makes a command of it."""


def ids(group: str, lists: dict[str, dict[str, tuple[str, ...]]]) -> set[str]:
    """All ids of a group in one of the lists."""
    return {vector for vectors in lists.get(group, {}).values() for vector in vectors}
