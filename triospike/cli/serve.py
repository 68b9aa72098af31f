"""Run an embedded cluster for other programs."""

from __future__ import annotations

import signal
from functools import partial

import click
import trio
from rich.text import Text

from ..embedded import open_embedded_server
from ..server import NamespaceConfig, Server, ServerConfig
from .options import count, example
from .render import console, number, plural
from .targets import right_usage, run

__all__ = ["serve"]


@click.command(epilog=example("triospike serve --nodes 3 --namespace test --namespace bar"))
@count("--port", 3000, "Port of node 0; 0: any free ones.", low=0, high=65535)
@count("--nodes", 1, "Number of nodes; node i listens on port + 100·i.")
@click.option(
    "--namespace", "namespaces", multiple=True, metavar="NAME", help="May be given again. Default: test."
)
@count("--replication-factor", 2, "Copies of each record.")
@click.option("--bind", default="127.0.0.1", show_default=True, metavar="ADDRESS", help="Listen on this address.")
@count("--proto-fd-max", 15_000, "Client connections that a node takes.")
def serve(
    port: int, nodes: int, namespaces: tuple[str, ...], replication_factor: int, bind: str, proto_fd_max: int
) -> None:
    """Run an embedded Aerospike cluster until Ctrl-C or SIGTERM.

    Records are kept in memory and are gone when it stops. Any Aerospike client can connect to it.
    """
    with right_usage():
        config = ServerConfig(
            nodes=nodes,
            namespaces=tuple(
                NamespaceConfig(name, replication_factor=replication_factor) for name in namespaces or ("test",)
            ),
            host=bind,
            port=port,
            proto_fd_max=proto_fd_max,
        )
    run(partial(_serve, config))


async def _serve(config: ServerConfig) -> None:
    # Signals are taken from the start on, so that one that comes early stops the server as cleanly.
    with trio.open_signal_receiver(signal.SIGINT, signal.SIGTERM) as signals:
        async with open_embedded_server(config) as server:
            _announce(server)
            async for number_ in signals:
                name = signal.Signals(number_).name
                break
            totals = server.counters.values()
    served, connections = number(totals.commands_total), plural(totals.connections_total, "connection")
    click.echo(f"Stopped by {name}. Served {served} commands on {connections}.")


def _announce(server: Server) -> None:
    config = server.config
    hosts = ",".join(str(host) for host in server.hosts)
    names = " ".join(namespace.name for namespace in config.namespaces)
    out = console()
    many = f"namespace{'' if len(config.namespaces) == 1 else 's'}"
    head = Text(f"Embedded Aerospike cluster: {plural(config.nodes, 'node')}, {many} {names}", "bold")
    out.print(head, soft_wrap=True)
    for label, text in (
        ("hosts", hosts),
        ("python", f'async with triospike.open_client("{hosts}") as client: ...'),
        ("shell", f"triospike info --host {hosts}"),
    ):
        out.print(Text.assemble((f"  {label:<8}", "dim"), text), soft_wrap=True)
    out.print("Ctrl-C stops it.", style="dim")
    out.file.flush()
