"""String operations: the bytes that client 19.3 of the Python package sends, and bad arguments.

No server of the recordings knows them (they need 8.1.3), so the bytes were taken from the client's connection.
"""

from __future__ import annotations

from typing import Any

import pytest

from triospike import Key, OperatePolicy
from triospike._commands.operate import OperateCommand
from triospike._wire.flags import OpType, ParticleType
from triospike.operations import (
    NumericType,
    Operation,
    StringRegexFlags,
    StringWriteFlags,
    context,
    strings,
)

NO_FAIL = StringWriteFlags.NO_FAIL

READS = [
    (strings.strlen("s"), "9100"),
    (strings.strlen("s", context=[context.map_key("k")]), "93ccff9222a2036b9100"),
    (strings.substr("s", 1), "920101"),
    (strings.substr("s", 1, 3), "93010103"),
    (strings.char_at("s", 2), "920202"),
    (strings.find("s", "x"), "9303a2037801"),
    (strings.find("s", "x", 2), "9303a2037802"),
    (strings.contains("s", "x"), "9204a20378"),
    (strings.starts_with("s", "x"), "9205a20378"),
    (strings.ends_with("s", "x"), "9206a20378"),
    (strings.to_integer("s"), "9107"),
    (strings.to_double("s"), "9108"),
    (strings.byte_length("s"), "9109"),
    (strings.is_numeric("s"), "920a00"),
    (strings.is_numeric("s", NumericType.INT), "920a01"),
    (strings.is_upper("s"), "910b"),
    (strings.is_lower("s"), "910c"),
    (strings.to_blob("s"), "910d"),
    (strings.split("s"), "910e"),
    (strings.split("s", ","), "920ea2032c"),
    (strings.b64_decode("s"), "910f"),
    (strings.regex_compare("s", "a.*"), "9310a403612e2a00"),
    (strings.regex_compare("s", "a.*", StringRegexFlags.CASE_INSENSITIVE), "9310a403612e2a01"),
]
WRITES = [
    (strings.insert("s", 1, "x"), "943201a2037800"),
    (strings.insert("s", 1, "x", flags=NO_FAIL), "943201a2037804"),
    (strings.overwrite("s", 1, "x"), "943301a2037800"),
    (strings.append("s", "x"), "9343a2037800"),
    (strings.prepend("s", "x"), "9344a2037800"),
    (strings.concat("s", ["x", "y"]), "933492a20378a2037900"),
    (strings.snip("s", 1, 3), "9435010300"),
    (strings.snip("s", 1, 3, flags=NO_FAIL), "9435010304"),
    (strings.snip("s", 1), "923501"),
    (strings.replace("s", "a", "b"), "933692a20361a2036200"),
    (strings.replace_all("s", "a", "b", flags=NO_FAIL), "933792a20361a2036204"),
    (strings.upper("s"), "923800"),
    (strings.lower("s", flags=NO_FAIL), "923904"),
    (strings.case_fold("s"), "923a00"),
    (strings.normalize_nfc("s"), "923b00"),
    (strings.trim_start("s"), "923c00"),
    (strings.trim_end("s"), "923d00"),
    (strings.trim("s"), "923e00"),
    (strings.pad_start("s", 9, "x"), "943f09a2037800"),
    (strings.pad_end("s", 9, "x"), "944009a2037800"),
    (strings.repeat("s", 3), "93410300"),
    (strings.regex_replace("s", "a", "b"), "944292a20361a203620000"),
    (strings.regex_replace("s", "a", "b", StringRegexFlags.GLOBAL, flags=NO_FAIL), "944292a20361a203621004"),
]


@pytest.mark.parametrize(("made", "operand"), READS + WRITES, ids=lambda case: str(case))
def test_operand_is_what_the_official_client_sends(made: Operation, operand: str) -> None:
    assert made.operand.hex() == operand
    assert made.particle_type == ParticleType.STRING


def test_reads_and_writes_are_told_apart_and_all_are_answered() -> None:
    assert {made.kind for made, _ in READS} == {OpType.STRING_READ}
    assert {made.kind for made, _ in WRITES} == {OpType.STRING_MODIFY}
    assert (strings.to_string("s").kind, strings.to_string("s").operand) == (OpType.TO_STRING, b"")
    heads = [
        OperateCommand(Key("test", "s", 1), [made], OperatePolicy()).request[8:12].hex()
        for made in (READS[0][0], strings.to_string("s"), WRITES[0][0])
    ]
    assert heads == ["16018000", "16018000", "16008100"]


any_strings: Any = strings


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: strings.strlen(""), ValueError, "bin_name must be 1 to 15 bytes"),
        (lambda: any_strings.substr("s", "1"), TypeError, "start must be an int, not str"),
        (lambda: any_strings.substr("s", 1, 2.0), TypeError, "end must be an int, not float"),
        (lambda: any_strings.find("s", b"x"), TypeError, "needle must be a str, not bytes"),
        (lambda: any_strings.is_numeric("s", 1), TypeError, "numeric_type must be a NumericType, not int"),
        (lambda: any_strings.regex_compare("s", "a", 1), TypeError, "regex_flags must be a StringRegexFlags"),
        (lambda: any_strings.concat("s", "xy"), TypeError, "values must be a list, not str"),
        (lambda: any_strings.concat("s", ["x", 1]), TypeError, r"values\[1\] must be a str, not int"),
        (lambda: any_strings.replace("s", "a", None), TypeError, "replacement must be a str, not NoneType"),
        (lambda: any_strings.upper("s", flags=4), TypeError, "flags must be a StringWriteFlags, not int"),
        (lambda: strings.snip("s", 1, flags=NO_FAIL), ValueError, "flags need an end"),
        (lambda: strings.append("s", "\ud800"), ValueError, "value can't be written as UTF-8"),
    ],
)
def test_bad_argument_raises_and_names_itself(make: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        make()
