"""How a worker is started, and what it is told first."""

from __future__ import annotations

import json
import os
import sys

import attrs

from ..host import Host
from ..policy import ClientPolicy, EventPolicy
from .pickles import MainProgram

__all__ = ["Setup", "command"]

# Ctrl-C reaches all processes of a terminal, but ending workers is the parent's business. A handler that does
# nothing, rather than SIG_IGN, which programs started by a worker would inherit.
_BOOT = (
    "import signal; signal.signal(signal.SIGINT, lambda *_: None); "
    "import json, sys; sys.path[:] = json.loads(sys.argv[3]); "
    "from triospike.workers.child import main; main(int(sys.argv[1]), int(sys.argv[2]))"
)
_FLAGS = {
    "optimize": "-O",
    "dont_write_bytecode": "-B",
    "no_user_site": "-s",
    "no_site": "-S",
    "ignore_environment": "-E",
}


@attrs.frozen
class Setup:
    """The first frame for a worker.

    Attributes:
        hosts: Seeds of the cluster.
        policy: Of its client.
        event_policy: Of each of its event loops.
        main: The parent's main program.
    """

    hosts: tuple[Host, ...]
    policy: ClientPolicy
    event_policy: EventPolicy
    main: MainProgram


def command(requests: int, answers: int) -> list[str]:
    """The command line of a worker: this interpreter, with its options and its module search path.

    Args:
        requests: Descriptor that it reads frames from.
        answers: Descriptor that it writes frames to.
    """
    flags = [flag for name, flag in _FLAGS.items() for _ in range(int(getattr(sys.flags, name)))]
    flags += [f"-W{option}" for option in sys.warnoptions]
    flags += [f"-X{name}" if value is True else f"-X{name}={value}" for name, value in sys._xoptions.items()]
    path = [entry or os.getcwd() for entry in sys.path]
    return [sys.executable, *flags, "-c", _BOOT, str(requests), str(answers), json.dumps(path)]
