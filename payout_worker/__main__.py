"""``python -m payout_worker``: configured by the environment only. Exit codes: 0 stopped, 1 failed, 2 must not start.

The signal handlers stand before anything heavy is imported, and the flag is looked at between the imports: all of them
together take seconds on a busy machine.
"""

import importlib
import sys
from typing import Final

from payout_worker.signals import Stop

_HEAVY: Final = ("pydantic_settings", "pymongo", "eth_account", "web3", "payout_worker.process")


def main() -> int:
    """Runs the worker until SIGTERM, SIGINT or SIGUSR2."""
    stop = Stop()
    stop.listen()
    for module in _HEAVY:
        if stop.name:
            return int(importlib.import_module("payout_worker.leaving").leave(stop.name))
        importlib.import_module(module)
    return int(sys.modules["payout_worker.process"].run(stop))


if __name__ == "__main__":
    sys.exit(main())
