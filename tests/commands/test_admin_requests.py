"""Administrative commands that no recording has: for other servers, and arguments that can't be."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from triospike import CollectionKind, IndexKind, exp
from triospike._commands import admin_requests as requests
from triospike.admin.modules import check_module_name, explained
from triospike.operations import context

NEW, OLD = (8, 1, 2, 0), (7, 0, 0, 5)
any_requests: Any = requests


def create(build: tuple[int, ...] = NEW, **changed: Any) -> str:
    arguments: dict[str, Any] = {
        "bin_name": None if "expression" in changed else "b",
        "expression": None,
        "kind": IndexKind.INTEGER,
        "collection": CollectionKind.DEFAULT,
        "context": None,
    }
    return requests.create_index_command("ns", "s", "i", build, **{**arguments, **changed})


def test_old_servers_are_asked_in_their_words() -> None:
    assert create(OLD) == "sindex-create:ns=ns;set=s;indexname=i;indexdata=b,NUMERIC"
    assert (
        create(OLD, kind=IndexKind.STRING, collection=CollectionKind.MAP_VALUES, context=[context.map_key("k")])
        == "sindex-create:ns=ns;set=s;indexname=i;context=kiKiA2s=;indextype=MAPVALUES;indexdata=b,STRING"
    )
    assert requests.drop_index_command("ns", "i", OLD) == "sindex-delete:ns=ns;indexname=i"
    assert requests.index_statistics_command("ns", "i", OLD) == "sindex/ns/i"
    assert requests.list_indexes_command("ns", OLD) == "sindex-list:ns=ns;b64=true"
    assert requests.list_indexes_command(None, OLD) == "sindex-list:b64=true"


def test_servers_from_8_1_3_on_call_integers_so() -> None:
    assert create((8, 1, 3)).endswith(";bin=b;type=INTEGER")
    assert create((8, 1, 3), kind=IndexKind.BLOB).endswith(";bin=b;type=BLOB")


def test_an_expression_stands_before_the_place_and_the_type() -> None:
    made = create(expression=exp.bin_list("l"), kind=IndexKind.STRING, collection=CollectionKind.LIST)
    assert made == "sindex-create:namespace=ns;set=s;indexname=i;exp=k1EEoWw=;indextype=LIST;type=STRING"
    assert create(expression=b"\x93\x51\x04\xa1l", kind=IndexKind.STRING, collection=CollectionKind.LIST) == made


def test_filters_of_xdr_are_set_and_taken_away() -> None:
    filtered = exp.bin_int("n") > 5
    assert requests.set_filter_command("dc", "ns", None) == "xdr-set-filter:dc=dc;namespace=ns;exp=null"
    assert (
        requests.set_filter_command("dc", "ns", filtered) == "xdr-set-filter:dc=dc;namespace=ns;exp=kwOTUQKhbgU="
    )


def test_numbers_of_jobs_are_unsigned() -> None:
    assert requests.abort_job_command(-1, NEW) == "query-abort:id=18446744073709551615"
    assert requests.abort_job_command(2**64 - 1, NEW) == "query-abort:id=18446744073709551615"


def test_settings_are_written_as_servers_write_them() -> None:
    def said(value: Any) -> str:
        return requests.set_config_command("namespace", "x-y", value, "ns", "s", NEW)

    assert said(True) == "set-config:context=namespace;namespace=ns;set=s;x-y=true"
    assert said(False).endswith(";x-y=false")
    assert said(3600).endswith(";x-y=3600")
    assert said("a=b").endswith(";x-y=a=b")


@pytest.mark.parametrize(
    ("make", "error", "why"),
    [
        (lambda: create(kind="STRING"), TypeError, "kind must be an IndexKind, not str"),
        (lambda: create(collection=1), TypeError, "collection must be a CollectionKind, not int"),
        (lambda: create(bin_name=None), ValueError, "exactly one of them must be given"),
        (lambda: create(bin_name="b", expression=b"\1"), ValueError, "exactly one of them must be given"),
        (
            lambda: create(expression=b"\1", context=[context.map_key("k")]),
            ValueError,
            "context is for an index of a bin",
        ),
        (lambda: create(context="k"), TypeError, "context must be a list of context steps"),
        (lambda: create(bin_name="b;type=x"), ValueError, "bin must be 1 to 1024 bytes without semicolons"),
        (lambda: create(expression=5), TypeError, "expression must be an expression"),
        (lambda: requests.drop_index_command("n;s", "i", NEW), ValueError, "namespace must be 1 to 31 bytes"),
        (lambda: requests.drop_index_command("n" * 32, "i", NEW), ValueError, "namespace must be 1 to 31 bytes"),
        (lambda: requests.drop_index_command("ns", "", NEW), ValueError, "name must be 1 to 63 bytes"),
        (lambda: requests.drop_index_command("ns", "a\nb", NEW), ValueError, "without semicolons and control"),
        (lambda: any_requests.drop_index_command("ns", 5, NEW), TypeError, "name must be a str, not int"),
        (lambda: requests.truncate_command("ns", "", None), ValueError, "set_name must be 1 to 63 bytes"),
        (lambda: requests.get_config_command("namespace", None, NEW), ValueError, "namespace must be named"),
        (lambda: requests.get_config_command("service", "ns", NEW), ValueError, "and only for that one"),
        (
            lambda: requests.set_config_command("service", "a", 1, None, "s", NEW),
            ValueError,
            "set_name is for settings of the context 'namespace'",
        ),
        (
            lambda: requests.set_config_command("service", "a=b", 1, None, None, NEW),
            ValueError,
            "must not hold an equals sign",
        ),
        (
            lambda: any_requests.set_config_command("service", "a", 1.5, None, None, NEW),
            TypeError,
            r"settings\['a'\] must be a str, int or bool, not float",
        ),
        (
            lambda: requests.set_config_command("service", "a", "1;b=2", None, None, NEW),
            ValueError,
            r"settings\['a'\] must be",
        ),
        (lambda: any_requests.abort_job_command("1", NEW), TypeError, "job_id must be an int, not str"),
        (lambda: requests.abort_job_command(2**64, NEW), ValueError, "job_id must be an int of at most 64 bits"),
        (lambda: check_module_name("a/b"), ValueError, "name must be a file name"),
        (lambda: check_module_name(".lua"), ValueError, "name must be a file name"),
        (lambda: check_module_name("x" * 124), ValueError, "name must be a file name"),
        (lambda: check_module_name(b"x"), TypeError, "name must be a str, not bytes"),  # type: ignore[arg-type]
    ],
)
def test_what_can_not_be_is_refused_by_name(make: Callable[[], str], error: type[Exception], why: str) -> None:
    with pytest.raises(error, match=why):
        make()


def test_module_names_may_do_without_their_extension() -> None:
    assert check_module_name("visits") == check_module_name("visits.lua") == "visits.lua"
    assert check_module_name("x" * 123) == "x" * 123 + ".lua"


@pytest.mark.parametrize(
    ("refusal", "told"),
    [
        ("error=not_found", "not found"),
        ("error=compile_error;file=a.lua;line=2;message=c3ludGF4", "compile error: a.lua:2: syntax"),
        ("error=compile_error;file=a.lua;line=2;message=no base64!", "compile error: a.lua:2: no base64!"),
        ("", ""),
    ],
)
def test_refusals_of_modules_are_put_into_words(refusal: str, told: str) -> None:
    assert explained(refusal) == told
