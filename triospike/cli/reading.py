"""What verbs that go through many records share: which records and bins, how fast, and a filter."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Iterable, Sequence
from functools import wraps
from typing import Any

import attrs
import click

import triospike

from ..packed import FilterLike
from .options import count
from .targets import right_usage
from .where import Condition, as_expression, parse_conditions

__all__ = ["Reading", "bins_option", "reading_options", "split_bins"]


@attrs.frozen(kw_only=True)
class Reading:
    """Which records to read, and what of them.

    Attributes:
        namespace: Where they are.
        set_name: Their set; empty for all sets.
        bins: Names of the bins; None for all.
        partitions: The first partition and how many; None for all.
        rps: Most records that each node goes through in a second; 0 is no limit.
        limit: Most records; 0 is no limit.
        conditions: What they must fulfil.
        filter_bytes: A packed expression that they must fulfil besides.
    """

    namespace: str
    set_name: str
    bins: tuple[str, ...] | None
    partitions: tuple[int, int] | None
    rps: int
    limit: int = 0
    conditions: tuple[Condition, ...] = ()
    filter_bytes: bytes | None = None

    @property
    def place(self) -> str:
        """Where the records are, for people."""
        return f"{self.namespace}/{self.set_name}" if self.set_name else self.namespace

    def statement(self, index_filter: triospike.Filter | None = None) -> triospike.Statement:
        """What to ask for.

        Args:
            index_filter: Which records, by an index.
        """
        return triospike.Statement(self.namespace, self.set_name, bins=self.bins, filter=index_filter)

    def partition_filter(self) -> triospike.PartitionFilter:
        """The partitions to go through."""
        if self.partitions is None:
            return triospike.PartitionFilter.all()
        return triospike.PartitionFilter.range(*self.partitions)

    def policy(self, timeout: float, conditions: Iterable[Condition] | None = None) -> triospike.QueryPolicy:
        """How to ask.

        Args:
            timeout: Seconds for all of it.
            conditions: What the servers check on each record; None takes all conditions.
        """
        return triospike.QueryPolicy(
            total_timeout=timeout,
            max_records=self.limit,
            records_per_second=self.rps,
            filter_exp=self.filter(self.conditions if conditions is None else conditions),
        )

    def filter(self, conditions: Iterable[Condition]) -> FilterLike | None:
        """One expression for conditions and the packed one; None if there is nothing to fulfil."""
        parts: list[Any] = [as_expression(condition) for condition in conditions]
        if self.filter_bytes is not None:
            if not parts:
                return self.filter_bytes
            parts.append(triospike.exp.from_bytes(self.filter_bytes, triospike.exp.BoolExp))
        if not parts:
            return None
        together: FilterLike = triospike.exp.and_(*parts) if len(parts) > 1 else parts[0]
        return together


def split_bins(_: click.Context, __: click.Parameter, texts: Sequence[str]) -> tuple[str, ...] | None:
    """The names in ``--bins a,b --bins c``; None if the option was not given."""
    names = [name.strip() for text in texts for name in text.split(",")]
    for name in names:
        if not 1 <= len(name.encode()) <= 15:
            raise click.BadParameter(f"a bin name must be 1 to 15 bytes long: {name!r}")
    return tuple(dict.fromkeys(names)) or None


def bins_option(function: Callable[..., None]) -> Callable[..., None]:
    """Give a verb --bins; it gets a tuple of names, or None for all."""
    return click.option(
        "--bins", multiple=True, callback=split_bins, metavar="A,B", help="Read these bins only. Default: all."
    )(function)


def _partitions(_: click.Context, __: click.Parameter, text: str | None) -> tuple[int, int] | None:
    """The first partition and how many of them, of ``0-100`` or ``7``."""
    if text is None:
        return None
    first, dash, last = text.partition("-")
    if not dash:
        last = first
    if not (first.isdecimal() and last.isdecimal()) or not int(first) <= int(last) <= 4095:
        raise click.BadParameter(f"{text!r} are no partitions: one as 7, or a range as 0-100, from 0 to 4095")
    return int(first), int(last) - int(first) + 1


def _conditions(_: click.Context, __: click.Parameter, texts: Sequence[str]) -> tuple[Condition, ...]:
    try:
        return tuple(condition for text in texts for condition in parse_conditions(text))
    except ValueError as error:
        raise click.BadParameter(str(error)) from None


def _filter_bytes(_: click.Context, __: click.Parameter, text: str | None) -> bytes | None:
    if text is None:
        return None
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except binascii.Error:
        raise click.BadParameter("not base64; an expression of triospike.exp gives it by to_base64()") from None


def reading_options(function: Callable[..., None]) -> Callable[..., None]:
    """Give a verb NAMESPACE [SET] and what says which records; it gets a `Reading`, without a limit."""

    @click.argument("namespace")
    @click.argument("set_name", metavar="[SET]", default="")
    @bins_option
    @click.option(
        "--where",
        "conditions",
        multiple=True,
        callback=_conditions,
        metavar="CONDITION",
        help="Only records that fulfil this, as \"age between 20 and 30 and name = 'Ada'\"; may be given again.",
    )
    @click.option(
        "--filter",
        "filter_bytes",
        callback=_filter_bytes,
        metavar="BASE64",
        help="Only records that fulfil this expression, packed and in base64.",
    )
    @click.option(
        "--partitions", callback=_partitions, metavar="A-B", help="Only these, both included. Default: 0-4095."
    )
    @count("--rps", 0, "Records that each node goes through in a second; 0: no limit.", low=0, high=0xFFFFFFFF)
    @wraps(function)
    def with_reading(*args: Any, namespace: str, set_name: str, bins: Any, **options: Any) -> None:
        fields = {name: options.pop(name) for name in ("conditions", "filter_bytes", "partitions", "rps")}
        reading = Reading(namespace=namespace, set_name=set_name, bins=bins, **fields)
        with right_usage():
            reading.statement()
            reading.policy(0)
        function(*args, reading, **options)

    return with_reading
