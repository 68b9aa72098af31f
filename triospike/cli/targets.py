"""What most verbs share: where to run, which record, and how an error becomes an exit code."""

from __future__ import annotations

import signal
import sys
import warnings
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from functools import partial, wraps
from typing import Any, TextIO

import attrs
import click
import trio

import triospike

from ..embedded import SCHEME, open_embedded_server, parse_embedded_url
from ..errors import AerospikeError
from ..host import parse_hosts
from ..key import Key
from ..policy import ClientPolicy, InfoPolicy, OperatePolicy, ReadPolicy, RemovePolicy, WritePolicy
from ..server import NamespaceConfig, ServerConfig
from .render import note

__all__ = [
    "Target",
    "key_arguments",
    "make_key",
    "not_found",
    "only",
    "right_usage",
    "run",
    "show_key",
    "target_options",
]

EMBEDDED = "no --host given: running on an embedded server, empty and gone when this ends"


@attrs.frozen
class Target:
    """Where a verb runs.

    Attributes:
        host: Seeds as the user wrote them; None is an embedded server.
        timeout: Seconds that a command may take.
    """

    host: str | None
    timeout: float

    def policy(self, **fields: Any) -> ClientPolicy:
        """A client policy with the timeout in all the places where it belongs, and fields as given."""
        total, tend = self.timeout, self.timeout or 1.0
        return ClientPolicy(
            read=ReadPolicy(total_timeout=total),
            write=WritePolicy(total_timeout=total),
            operate=OperatePolicy(total_timeout=total),
            remove=RemovePolicy(total_timeout=total),
            info=InfoPolicy(timeout=total),
            conn_timeout=tend,
            **fields,
        )

    @asynccontextmanager
    async def open(
        self, namespace: str = "test", event_loops: triospike.EventLoops | None = None
    ) -> AsyncIterator[triospike.Client]:
        """A client of the target; an embedded server has the one namespace that is asked for.

        Args:
            namespace: What an embedded server has.
            event_loops: Where commands run; None makes one.
        """
        if self.host is not None:
            async with triospike.open_client(self.host, policy=self.policy(), event_loops=event_loops) as client:
                yield client
            return
        note(EMBEDDED)
        async with (
            open_embedded_server(ServerConfig(namespaces=(NamespaceConfig(namespace),))) as server,
            triospike.open_client(*server.hosts, policy=self.policy(), event_loops=event_loops) as client,
        ):
            yield client


def target_options(
    function: Callable[..., None] | None = None,
    /,
    *,
    timeout: float = 5.0,
    of: str = "What a command may take in all",
) -> Callable[..., Any]:
    """Give a verb --host and --timeout; it gets a `Target` as its first argument.

    Args:
        function: The verb; None makes a decorator.
        timeout: The default of --timeout.
        of: What --timeout is for.
    """
    if function is None:
        return partial(_with_target, default=timeout, of=of)
    return _with_target(function, default=timeout, of=of)


def _with_target(function: Callable[..., None], *, default: float, of: str) -> Callable[..., None]:
    @click.option(
        "--host",
        metavar="H:P[,H:P]",
        callback=_checked_host,
        help="Seeds of the cluster. Without it: an embedded server, made for this command.",
    )
    @click.option(
        "--timeout",
        type=click.FloatRange(min=0),
        default=default,
        show_default=True,
        metavar="SECONDS",
        help=f"{of}; 0 is no limit.",
    )
    @wraps(function)
    def with_target(*args: Any, host: str | None, timeout: float, **options: Any) -> None:
        function(Target(host, timeout), *args, **options)

    return with_target


def _checked_host(_: click.Context, __: click.Parameter, value: str | None) -> str | None:
    if value is not None:
        try:
            parse_embedded_url(value) if value.startswith(SCHEME) else parse_hosts(value)
        except ValueError as error:
            raise click.BadParameter(str(error)) from None
    return value


def key_arguments(function: Callable[..., None]) -> Callable[..., None]:
    """Give a verb NAMESPACE SET KEY and the options that say of which type KEY is; it gets a `Key`."""

    @click.argument("namespace")
    @click.argument("set_name", metavar="SET")
    @click.argument("key", metavar="KEY")
    @click.option("--int", "kind", flag_value="int", help="KEY is an integer; else it is text.")
    @click.option("--bytes", "kind", flag_value="bytes", help="KEY is bytes, written in hexadecimal.")
    @click.option("--digest", "kind", flag_value="digest", help="KEY is a record's digest: 40 hexadecimal digits.")
    @wraps(function)
    def with_key(*args: Any, namespace: str, set_name: str, key: str, kind: str | None, **options: Any) -> None:
        with right_usage():
            made = make_key(namespace, set_name, key, kind)
        function(*args, made, **options)

    return with_key


def make_key(namespace: str, set_name: str, text: str, kind: str | None) -> Key:
    """The key that a user wrote.

    Args:
        namespace: Its namespace.
        set_name: Its set.
        text: The user key, or the digest.
        kind: What the text is: None for text, ``int``, ``bytes`` or ``digest``.

    Raises:
        ValueError: The text is none of that kind.
    """
    if kind is None:
        return Key(namespace, set_name, text)
    try:
        user_key = int(text) if kind == "int" else bytes.fromhex(text)
    except ValueError:
        what = "an integer" if kind == "int" else "hexadecimal digits"
        raise ValueError(f"KEY with --{kind} must be {what}, not {text!r}") from None
    if kind == "digest":
        return Key.from_digest(namespace, set_name, bytes(user_key) if isinstance(user_key, int) else user_key)
    return Key(namespace, set_name, user_key)


def show_key(key: Key) -> str:
    """A key for people: namespace/set/key."""
    user_key = key.user_key
    if user_key is None:
        shown = f"digest {key.digest.hex()}"
    else:
        shown = user_key.hex() if isinstance(user_key, bytes) else str(user_key)
    return "/".join(part for part in (key.namespace, key.set_name, shown) if part)


def not_found(key: Key) -> click.ClickException:
    """The failure of a verb whose record is not there."""
    return click.ClickException(f"not found: {show_key(key)}")


@contextmanager
def right_usage() -> Iterator[None]:
    """Arguments are judged in this block: what they raise is wrong usage."""
    try:
        yield
    except (ValueError, TypeError) as error:
        raise click.UsageError(str(error)) from None


def run(main: Callable[[], Awaitable[None]]) -> None:
    """Run a verb's async part under Trio.

    Raises:
        click.ClickException: It failed by an error that one line explains.
    """
    with warnings.catch_warnings():
        warnings.showwarning = _show_warning
        try:
            trio.run(_interruptible, main)
        except BaseExceptionGroup as group:
            error = only(group)
        except (AerospikeError, ValueError, TypeError, OSError) as single:
            error = single
        else:
            return
    if isinstance(error, BrokenPipeError):
        raise error  # whoever read our output has enough of it; click ends quietly
    if isinstance(error, AerospikeError | ValueError | TypeError | OSError):
        text = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise click.ClickException(" ".join(text.split())) from error
    raise error


async def _interruptible(main: Callable[[], Awaitable[None]]) -> None:
    """Let Ctrl-C cancel everything in order, rather than strike whichever task happens to run."""
    with trio.open_signal_receiver(signal.SIGINT) as signals:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(_raise_at_signal, signals)
            await main()
            nursery.cancel_scope.cancel()


async def _raise_at_signal(signals: AsyncIterator[int]) -> None:
    await anext(signals)
    raise KeyboardInterrupt


def only(error: BaseException) -> BaseException:
    """What a group holds, if it is one thing, or Ctrl-C if that is among it; else the group."""
    while isinstance(error, BaseExceptionGroup):
        interrupted, _ = error.split(KeyboardInterrupt)
        if interrupted is not None:
            return KeyboardInterrupt()
        if len(error.exceptions) > 1:
            break
        error = error.exceptions[0]
    return error


def _show_warning(
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    file: TextIO | None = None,
    line: str | None = None,
) -> None:
    print(f"Warning: {message}", file=file or sys.stderr)
