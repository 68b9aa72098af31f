"""Expressions that no recording has: the bytes that client 19.3 of the Python package packs.

The server of the recordings is too old for strings, joined lists and base64 (8.1.3, 8.2), and the recorded calls
have few policies. These were packed by ``get_expression_base64`` of that client.
"""

from __future__ import annotations

import pytest

from triospike import exp
from triospike.operations import (
    BitOverflow,
    BitWriteFlags,
    HllWriteFlags,
    ListOrder,
    ListWriteFlags,
    MapOrder,
    MapWriteFlags,
    NumericType,
    StringRegexFlags,
    StringWriteFlags,
    context,
)

TEXT, ITEMS, AGES, BLOB = exp.bin_str("s"), exp.bin_list("l"), exp.bin_map("m"), exp.bin_blob("y")
NO_FAIL = StringWriteFlags.NO_FAIL
_CREATED = [context.map_key_create("k", MapOrder.KEY_ORDERED), context.list_index_create(0, pad=True)]
_SORTED = ListOrder.ORDERED
_UNIQUE = ListWriteFlags.ADD_UNIQUE | ListWriteFlags.NO_FAIL

# [127, type of the result, system 3 or 67, operation, bin]
STRINGS = [
    (exp.string_strlen(TEXT), "02", "03", "9100"),
    (exp.string_substr(TEXT, 1), "03", "03", "920101"),
    (exp.string_substr(TEXT, 1, 3), "03", "03", "93010103"),
    (exp.string_char_at(TEXT, 2), "03", "03", "920202"),
    (exp.string_find(TEXT, "x"), "02", "03", "9303a2037801"),
    (exp.string_find(TEXT, "x", 2), "02", "03", "9303a2037802"),
    (exp.string_contains(TEXT, "x"), "01", "03", "9204a20378"),
    (exp.string_starts_with(TEXT, "x"), "01", "03", "9205a20378"),
    (exp.string_ends_with(TEXT, "x"), "01", "03", "9206a20378"),
    (exp.string_to_integer(TEXT), "02", "03", "9107"),
    (exp.string_to_double(TEXT), "07", "03", "9108"),
    (exp.string_byte_length(TEXT), "02", "03", "9109"),
    (exp.string_is_numeric(TEXT), "01", "03", "920a00"),
    (exp.string_is_numeric(TEXT, NumericType.INT), "01", "03", "920a01"),
    (exp.string_is_upper(TEXT), "01", "03", "910b"),
    (exp.string_is_lower(TEXT), "01", "03", "910c"),
    (exp.string_to_blob(TEXT), "06", "03", "910d"),
    (exp.string_split(TEXT), "04", "03", "910e"),
    (exp.string_split(TEXT, ","), "04", "03", "920ea2032c"),
    (exp.string_b64_decode(TEXT), "06", "03", "910f"),
    (exp.string_regex_compare(TEXT, "a.*"), "01", "03", "9310a403612e2a00"),
    (exp.string_regex_compare(TEXT, "a.*", StringRegexFlags.CASE_INSENSITIVE), "01", "03", "9310a403612e2a01"),
    (exp.string_insert(TEXT, 1, "x"), "03", "43", "943201a2037800"),
    (exp.string_overwrite(TEXT, 1, "x"), "03", "43", "943301a2037800"),
    (exp.string_append(TEXT, "x"), "03", "43", "9343a2037800"),
    (exp.string_prepend(TEXT, "x"), "03", "43", "9344a2037800"),
    (exp.string_concat(TEXT, ["x", "y"]), "03", "43", "9334927e92a20378a2037900"),
    (exp.string_snip(TEXT, 1, 3), "03", "43", "9435010300"),
    (exp.string_snip(TEXT, 1), "03", "43", "923501"),
    (exp.string_replace(TEXT, "a", "b"), "03", "43", "9336927e92a20361a2036200"),
    (exp.string_replace_all(TEXT, "a", "b", flags=NO_FAIL), "03", "43", "9337927e92a20361a2036204"),
    (exp.string_upper(TEXT), "03", "43", "923800"),
    (exp.string_lower(TEXT, flags=NO_FAIL), "03", "43", "923904"),
    (exp.string_case_fold(TEXT), "03", "43", "923a00"),
    (exp.string_normalize_nfc(TEXT), "03", "43", "923b00"),
    (exp.string_trim_start(TEXT), "03", "43", "923c00"),
    (exp.string_trim_end(TEXT), "03", "43", "923d00"),
    (exp.string_trim(TEXT), "03", "43", "923e00"),
    (exp.string_pad_start(TEXT, 9, "x"), "03", "43", "943f09a2037800"),
    (exp.string_pad_end(TEXT, 9, "x"), "03", "43", "944009a2037800"),
    (exp.string_repeat(TEXT, 3), "03", "43", "93410300"),
    (exp.string_regex_replace(TEXT, "a", "b"), "03", "43", "9442927e92a20361a203620000"),
    (
        exp.string_regex_replace(TEXT, "a", "b", StringRegexFlags.GLOBAL, flags=NO_FAIL),
        "03",
        "43",
        "9442927e92a20361a203621004",
    ),
]


@pytest.mark.parametrize(("made", "kind", "system", "call"), STRINGS, ids=lambda case: str(case))
def test_string_function_is_what_the_official_client_packs(
    made: exp.Expression, kind: str, system: str, call: str
) -> None:
    assert made.packed.hex() == f"957f{kind}{system}{call}935103a173"


@pytest.mark.parametrize(
    ("made", "packed"),
    [
        (exp.to_string(exp.bin_int("i")), "9263935102a169"),
        (exp.bit_b64_encode(BLOB), "957f03019137935106a179"),
        (exp.bit_b64_encode(BLOB, 1, 2), "957f03019437010200935106a179"),
        (exp.bit_b64_encode(BLOB, 1, 2, invert_size=True), "957f03019437010201935106a179"),
        (exp.list_join(ITEMS), "957f0300911c935104a16c"),
        (exp.list_join(ITEMS, ","), "957f0300921ca2032c935104a16c"),
        (exp.list_insert(ITEMS, 0, 1, flags=_UNIQUE), "957f04409403000105935104a16c"),
        (exp.list_insert_items(ITEMS, 0, [1], flags=_UNIQUE), "957f0440940400927e910105935104a16c"),
        (exp.list_set(ITEMS, 0, 1, flags=_UNIQUE), "957f04409409000105935104a16c"),
        (exp.list_increment(ITEMS, 0, 1, order=_SORTED, flags=_UNIQUE), "957f0440950c00010105935104a16c"),
        (exp.list_append_items(ITEMS, [1], order=_SORTED, flags=_UNIQUE), "957f04409402927e91010105935104a16c"),
        (
            exp.map_put_items(AGES, {"a": 1}, order=MapOrder.KEY_ORDERED, flags=MapWriteFlags.CREATE_ONLY),
            "957f0540944481a20361010101935105a16d",
        ),
        (exp.map_put(AGES, "a", 1, order=MapOrder.KEY_VALUE_ORDERED), "957f05409543a20361010300935105a16d"),
        (exp.map_get_by_key_range(AGES, None, "b", exp.Many.VALUE), "957f0400946707c0a20362935105a16d"),
        (exp.list_get_by_value_range(ITEMS, None, 5, exp.Many.VALUE), "957f0400941907c005935104a16c"),
        (exp.list_remove_by_value_range(ITEMS, None, 5), "957f0440942600c005935104a16c"),
        (exp.list_append(AGES, 1, context=_CREATED), "957f054093ccff94cca2a2036bcc9000920101935105a16d"),
        (exp.list_get_by_index(ITEMS, 0, exp.One.REVERSE_INDEX), "957f020093130200935104a16c"),
        (
            exp.hll_add(exp.bin_hll("h"), ["a"], flags=HllWriteFlags.NO_FAIL),
            "957f09429501927e91a20361ffff04935109a168",
        ),
        (exp.hll_init(exp.bin_hll("h")), "957f09429400ffff00935109a168"),
        (
            exp.bit_add(BLOB, 0, 8, exp.bin_int("i"), overflow=BitOverflow.SATURATE, flags=BitWriteFlags.NO_FAIL),
            "957f0641960a0008935102a1690402935106a179",
        ),
    ],
    ids=lambda case: str(case),
)
def test_function_is_what_the_official_client_packs(made: exp.Expression, packed: str) -> None:
    assert made.packed == bytes.fromhex(packed)


def test_increment_in_an_ordered_map_has_as_many_arguments_as_it_says() -> None:
    # The official client packs a fifth part into an array of four.
    made = exp.map_increment(AGES, "a", 1, order=MapOrder.KEY_ORDERED)
    assert made.packed.hex() == "957f05409449a203610101935105a16d"
