from __future__ import annotations

import pytest

import triospike as ts
from triospike import GeoJSON, Key
from triospike.cli.where import Condition, Literal, as_expression, parse_conditions

POINT = '{"type": "Point", "coordinates": [13.4, 52.5]}'


@pytest.mark.parametrize(
    ("text", "condition"),
    [
        ("age = 36", Condition("age", "=", 36)),
        ("age==36", Condition("age", "=", 36)),
        ("age <> -36", Condition("age", "!=", -36)),
        ("age>=18", Condition("age", ">=", 18)),
        ("score < 1.5", Condition("score", "<", 1.5)),
        ("score < -1e3", Condition("score", "<", -1000.0)),
        ("name = 'Ada'", Condition("name", "=", "Ada")),
        ('name = "O\'Brien"', Condition("name", "=", "O'Brien")),
        ("name = 'O''Brien'", Condition("name", "=", "O'Brien")),
        ("raw = x'C0ffEE'", Condition("raw", "=", b"\xc0\xff\xee")),
        ("ok = TRUE", Condition("ok", "=", True)),
        ("age between 20 and 30", Condition("age", "between", 20, 30)),
        ("age BETWEEN -1 AND 1", Condition("age", "between", -1, 1)),
        ("name between 'a' and 'b'", Condition("name", "between", "a", "b")),
        ('tags contains "x"', Condition("tags", "contains", "x")),
        ("ages has key 'ada'", Condition("ages", "has key", "ada")),
        ("ages has value 36", Condition("ages", "has value", 36)),
        ("name matches '^A'", Condition("name", "matches", "^A")),
        ("name exists", Condition("name", "exists")),
        ("name is missing", Condition("name", "is missing")),
        ("`and` = 1", Condition("and", "=", 1)),
        ("`a b` exists", Condition("a b", "exists")),
        ("größe > 1", Condition("größe", ">", 1)),
        (f"place within '{POINT}'", Condition("place", "within", GeoJSON(POINT))),
    ],
)
def test_a_condition_is_read(text: str, condition: Condition) -> None:
    (found,) = parse_conditions(text)
    assert found == condition
    assert type(found.value) is type(condition.value)


def test_conditions_are_joined_by_and() -> None:
    assert parse_conditions("age between 20 and 30 and name = 'and' and x exists") == (
        Condition("age", "between", 20, 30),
        Condition("name", "=", "and"),
        Condition("x", "exists"),
    )


@pytest.mark.parametrize("value", [True, -7, 1.5, "it's", b"\x00\xff"])
def test_what_it_writes_it_reads(value: Literal) -> None:
    condition = Condition("a", "=", value)
    assert parse_conditions(str(condition)) == (condition,)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "expected the name of a bin at the end in ''"),
        ("age", "expected one of =, !=, .* after 'age' at the end"),
        ("age 36", "expected one of =, .* at '36'"),
        ("age >", "expected true, false, an integer, .* at the end"),
        (
            "age = Ada",
            "expected true, false, an integer, a float, a text in quotes or bytes as x'c0ffee' at 'Ada'",
        ),
        ("age between 20", "expected 'and' after 'between 20' at the end"),
        ("age between 20 and 'x'", "must be of one type"),
        ("age = 1 or age = 2", "'or' is not known here, only 'and'"),
        ("age = 1 age = 2", "expected 'and' or the end at 'age = 2'"),
        ("name = 'Ada", 'a quote without its end at "\'Ada"'),
        ("age # 3", "no word at '# 3'"),
        ("ok < true", "can't be compared by '<'"),
        ("raw = x'c0f'", "not hexadecimal digits"),
        ("tags contains 1.5", "expected an integer, a text in quotes or bytes as x'c0ffee' at '1.5'"),
        ("ages has 'ada'", "expected 'key' or 'value' after 'has'"),
        ("a is null", "expected 'missing' after 'is'"),
        ("a_much_too_long_name = 1", "1 to 15 bytes"),
        ("36 = age", "expected the name of a bin at '36 = age'"),
    ],
)
def test_what_can_t_be_read_is_told_with_its_place(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        parse_conditions(text)


RECORDS = {
    "ada": {"name": "Ada", "age": 36, "score": 1.5, "tags": ["maths", 7], "ages": {"x": 1}, "ok": True},
    "bob": {"name": "Bob", "age": 17, "score": 2.0, "tags": ["cars"], "ages": {3: "y"}, "ok": False},
    "eve": {"name": "Eve", "raw": b"\xc0", "place": GeoJSON(POINT)},
    "odd": {"name": 5, "age": "old"},
}
CIRCLE = '{"type": "AeroCircle", "coordinates": [[13.4, 52.5], 1000]}'


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("age = 36", "ada"),
        ("age != 36", "bob"),
        ("age > 16 and age < 36", "bob"),
        ("age between 17 and 36", "ada bob"),
        ("age = 'old'", "odd"),
        ("score >= 1.5", "ada bob"),
        ("name >= 'B'", "bob eve"),
        ("name matches '^(A|E)'", "ada eve"),
        ("ok = true", "ada"),
        ("ok != true", "bob"),
        ("raw = x'c0'", "eve"),
        ("tags contains 'maths'", "ada"),
        ("tags contains 7", "ada"),
        ("ages has key 'x'", "ada"),
        ("ages has key 3", "bob"),
        ("ages has value 'y'", "bob"),
        (f"place within '{CIRCLE}'", "eve"),
        ("age exists", "ada bob odd"),
        ("age is missing", "eve"),
    ],
)
async def test_a_condition_is_true_of_the_records_that_it_says(text: str, keys: str) -> None:
    async with ts.open_client("embedded://") as client:
        for name, bins in RECORDS.items():
            await client.put(Key("test", "s", name), bins)
        found = []
        for name in RECORDS:
            conditions = [as_expression(condition) for condition in parse_conditions(text)]
            together = ts.exp.and_(*conditions) if len(conditions) > 1 else conditions[0]
            try:
                await client.get(Key("test", "s", name), policy=ts.ReadPolicy(filter_exp=together))
            except ts.FilteredOut:
                continue
            found.append(name)
    assert " ".join(found) == keys
