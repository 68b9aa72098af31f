"""``python -m benchmarks [compare]``; ``waiting``, ``scale`` and ``workers`` measure triospike; ``plot`` draws."""

from __future__ import annotations

import sys
from collections.abc import Callable

from . import compare_verb, plot_verb, scale_verb, waiting_verb, workers_verb

VERBS: dict[str, Callable[[list[str]], None]] = {
    "compare": compare_verb.main,
    "waiting": waiting_verb.main,
    "scale": scale_verb.main,
    "workers": workers_verb.main,
    "plot": plot_verb.main,
}


def main() -> None:
    """Run the verb that is asked for, else `compare`."""
    arguments = sys.argv[1:]
    if arguments and arguments[0] in VERBS:
        VERBS[arguments[0]](arguments[1:])
    else:
        VERBS["compare"](arguments)


if __name__ == "__main__":
    main()
