"""Options that several verbs share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from ..policy import GenerationPolicy, KeyPolicy, Ttl

__all__ = ["count", "example", "generation_option", "policy_fields", "read_ttl", "ttl_option"]

_SPECIAL = {"default": Ttl.NAMESPACE_DEFAULT, "never": Ttl.NEVER_EXPIRE, "keep": Ttl.DONT_UPDATE}
_UNITS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}


def count(
    name: str,
    default: int | None,
    text: str,
    *,
    low: int = 1,
    high: int | None = None,
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """An option that takes a number from low to high."""
    return click.option(
        name,
        type=click.IntRange(low, high),
        default=default,
        show_default=default is not None,
        metavar="N",
        help=text,
    )


def example(*lines: str) -> str:
    """Command lines for the end of a verb's help, each left on a line of its own."""
    return "\n".join(["\b", "Example:" if len(lines) == 1 else "Examples:", *(f"  {line}" for line in lines)])


def generation_option(function: Callable[..., None]) -> Callable[..., None]:
    """Give a verb --generation."""
    return count("--generation", None, "The record must have this generation.", low=0, high=0xFFFFFFFF)(function)


def read_ttl(text: str) -> int:
    """The ttl of a policy that a user wrote.

    Raises:
        click.BadParameter: It is none.
    """
    if text in _SPECIAL:
        return _SPECIAL[text]
    digits, unit = (text[:-1], text[-1:]) if text[-1:] in _UNITS else (text, "s")
    if not (digits.isascii() and digits.isdigit()):
        raise click.BadParameter(f"{text!r} is no time: seconds, 90s, 15m, 12h, 30d, default, never or keep")
    return int(digits) * _UNITS[unit]


def _ttl(_: click.Context, __: click.Parameter, text: str) -> int:
    return read_ttl(text)


def ttl_option(function: Callable[..., None]) -> Callable[..., None]:
    """Give a verb --ttl; it gets the ttl of a policy."""
    return click.option(
        "--ttl",
        callback=_ttl,
        default="default",
        show_default=True,
        metavar="TIME",
        help="Time to live: seconds, 90s, 15m, 12h, 30d; default (the namespace's), never, keep (as it is).",
    )(function)


def policy_fields(generation: int | None, send_key: bool, durable: bool = False) -> dict[str, Any]:
    """Fields of a policy, as the options say."""
    fields: dict[str, Any] = {"key": KeyPolicy.SEND if send_key else KeyPolicy.DIGEST, "durable_delete": durable}
    if generation is not None:
        fields |= {"gen": GenerationPolicy.EQ, "generation": generation}
    return fields
