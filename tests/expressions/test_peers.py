"""Every function that the C client has is here, by its name or by the one that includes it."""

from __future__ import annotations

import inspect
import re
from typing import Any

import pytest

from triospike import exp
from triospike.operations import bits, hll, strings

# The macros ``as_exp_*`` of the C client, without the prefix.
PEERS = {
    "values, metadata, logic, arithmetic, control, paths": """
        unknown bool int uint float str bytes geo val nil inf wildcard set_name record_size device_size
        last_update since_update void_time ttl is_tombstone memory_size digest_modulo in_list map_keys_in
        map_keys map_values_in map_values not and or exclusive add sub mul div pow log mod abs floor ceil
        to_int to_float min max cond let def var remove_result result_remove select_by_path modify_by_path
        to_string expr build build_b64
    """,
    "key": """
        key_int key_str key_blob key_exist
    """,
    "bins": """
        bin_bool bin_int bin_float bin_str bin_blob bin_geo bin_list bin_map bin_hll bin_exists bin_type
    """,
    "comparison": """
        cmp_eq cmp_ne cmp_gt cmp_ge cmp_lt cmp_le cmp_regex cmp_geo
    """,
    "integer bitwise": """
        int_and int_or int_xor int_not int_lshift int_rshift int_arshift int_count int_lscan int_rscan
    """,
    "loop variables": """
        loopvar_map loopvar_list loopvar_str loopvar_int loopvar_float loopvar_blob loopvar_bool loopvar_nil
        loopvar_geojson loopvar_hll
    """,
    "list": """
        list_append list_append_items list_insert list_insert_items list_increment list_set list_clear
        list_sort list_remove_by_value list_remove_by_value_list list_remove_by_value_range
        list_remove_by_rel_rank_range_to_end list_remove_by_rel_rank_range list_remove_by_index
        list_remove_by_index_range_to_end list_remove_by_index_range list_remove_by_rank
        list_remove_by_rank_range_to_end list_remove_by_rank_range list_size list_get_by_value
        list_get_by_value_range list_get_by_value_list list_get_by_rel_rank_range_to_end
        list_get_by_rel_rank_range list_get_by_index list_get_by_index_range_to_end list_get_by_index_range
        list_get_by_rank list_get_by_rank_range_to_end list_get_by_rank_range
    """,
    "map": """
        map_put map_put_items map_increment map_clear map_remove_by_key map_remove_by_key_list
        map_remove_by_key_range map_remove_by_key_rel_index_range_to_end map_remove_by_key_rel_index_range
        map_remove_by_value map_remove_by_value_list map_remove_by_value_range
        map_remove_by_value_rel_rank_range_to_end map_remove_by_value_rel_rank_range map_remove_by_index
        map_remove_by_index_range_to_end map_remove_by_index_range map_remove_by_rank
        map_remove_by_rank_range_to_end map_remove_by_rank_range map_size map_get_by_key
        map_get_by_key_range map_get_by_key_list map_get_by_key_rel_index_range_to_end
        map_get_by_key_rel_index_range map_get_by_value map_get_by_value_range map_get_by_value_list
        map_get_by_value_rel_rank_range_to_end map_get_by_value_rel_rank_range map_get_by_index
        map_get_by_index_range_to_end map_get_by_index_range map_get_by_rank map_get_by_rank_range_to_end
        map_get_by_rank_range
    """,
    "bit": """
        bit_resize bit_insert bit_remove bit_set bit_or bit_xor bit_and bit_not bit_lshift bit_rshift
        bit_add bit_add_signed bit_subtract bit_subtract_signed bit_set_int bit_get bit_count bit_lscan
        bit_rscan bit_get_int
    """,
    "HLL": """
        hll_init_mh hll_init hll_add_mh hll_add hll_update hll_get_count hll_get_union hll_get_union_count
        hll_get_intersect_count hll_get_similarity hll_describe hll_may_contain
    """,
    "string": """
        string_strlen string_substr string_substr_range string_char_at string_find string_find_occurrence
        string_contains string_starts_with string_ends_with string_to_integer string_to_double
        string_byte_length string_is_numeric string_is_numeric_type string_is_upper string_is_lower
        string_to_blob string_split string_split_separator string_b64_decode string_regex_compare
        string_regex_compare_flags string_insert string_overwrite string_concat string_concat_list
        string_append string_prepend string_snip string_replace string_replace_all string_upper string_lower
        string_case_fold string_normalize_nfc string_trim_start string_trim_end string_trim string_pad_start
        string_pad_end string_repeat string_regex_replace
    """,
}
BITS = """
    resize insert remove set or xor and not lshift rshift add subtract set_int get count lscan rscan
    get_int
"""
HLL = """
    init_mh init add_mh add update set_union refresh_count fold get_count get_union get_union_count
    get_intersect_count get_similarity describe
"""
STRINGS = """
    string_strlen string_substr string_substr_range string_char_at string_find string_find_occurrence
    string_contains string_starts_with string_ends_with string_to_integer string_to_double
    string_byte_length string_is_numeric string_is_numeric_type string_is_upper string_is_lower
    string_to_blob string_split string_split_separator string_b64_decode string_regex_compare
    string_regex_compare_flags string_insert string_overwrite string_concat string_concat_list
    string_append string_prepend string_snip string_replace string_replace_all string_upper string_lower
    string_case_fold string_normalize_nfc string_trim_start string_trim_end string_trim string_pad_start
    string_pad_end string_repeat string_regex_replace to_string
"""

_INCLUDED = {
    # One function for all types of values.
    **dict.fromkeys(["bool", "int", "uint", "float", "str", "bytes", "geo", "nil"], "val"),
    "inf": "infinity",
    "key_exist": "key_exists",
    "cmp_regex": "regex",
    "cmp_geo": "geo_compare",
    "result_remove": "remove_result",
    "map_keys_in": "map_keys",
    "map_values_in": "map_values",
    "def": "let",
    "loopvar_geojson": "loopvar_geo",
    "string_substr_range": "string_substr",
    "string_find_occurrence": "string_find",
    "string_is_numeric_type": "string_is_numeric",
    "string_split_separator": "string_split",
    "string_regex_compare_flags": "string_regex_compare",
    "string_concat_list": "string_concat",
    "bit_add_signed": "bit_add",
    "bit_subtract_signed": "bit_subtract",
    "hll_init_mh": "hll_init",
    "hll_add_mh": "hll_add",
    "hll_update": "hll_add",
}
_OTHERWISE = {
    "expr": "an expression within a value is written as it is",
    "build": "an expression is packed when it is made",
    "build_b64": "Expression.to_base64",
}


def _ours(name: str) -> str:
    """The function that does what a macro does."""
    name = _INCLUDED.get(name, name).removesuffix("_to_end").removeprefix("cmp_")
    return name if hasattr(exp, name) else f"{name}_"


@pytest.mark.parametrize("group", PEERS)
def test_every_macro_has_its_function(group: str) -> None:
    missing = [name for name in PEERS[group].split() if name not in _OTHERWISE and not _is_there(_ours(name))]
    assert not missing


def _is_there(name: str) -> bool:
    return callable(getattr(exp, name, None))


def test_as_many_as_the_c_client_has() -> None:
    assert sum(len(names.split()) for names in PEERS.values()) == 242


@pytest.mark.parametrize(
    ("module", "names", "included"),
    [
        (bits, BITS, {}),
        (hll, HLL, {"init_mh": "init", "add_mh": "add", "update": "add"}),
        (
            strings,
            STRINGS.replace("string_", ""),
            {
                "substr_range": "substr",
                "find_occurrence": "find",
                "is_numeric_type": "is_numeric",
                "split_separator": "split",
                "regex_compare_flags": "regex_compare",
                "concat_list": "concat",
                "to_": "to_string",
            },
        ),
    ],
    ids=["bits", "hll", "strings"],
)
def test_every_operation_has_its_function(module: Any, names: str, included: dict[str, str]) -> None:
    ours = [included.get(name, name) for name in names.split()]
    assert not [name for name in ours if not hasattr(module, name) and not hasattr(module, f"{name}_")]


def _functions(module: Any) -> list[tuple[str, Any]]:
    return [(name, made) for name, made in vars(module).items() if inspect.isfunction(made) and name[0] != "_"]


def test_every_function_says_what_the_peers_call_it() -> None:
    silent = [
        f"{module.__name__}.{name}"
        for module in (bits, hll, strings, exp)
        for name, function in _functions(module)
        if function.__module__.startswith(("triospike.expressions", module.__name__))
        and not re.search(r"``as_(exp|operations)_|official Python client", function.__doc__)
    ]
    assert not silent
