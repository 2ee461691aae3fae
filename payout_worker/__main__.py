"""``python -m payout_worker``: configured by the environment only. Exit codes: 0 stopped, 1 failed, 2 must not start.

The signal handlers stand before anything heavy is imported: importing web3 alone takes more than a second.
"""

import sys

from payout_worker.signals import Stop


def main() -> int:
    """Runs the worker until SIGTERM, SIGINT or SIGUSR2."""
    stop = Stop()
    stop.listen()
    from payout_worker.process import run  # noqa: PLC0415

    return run(stop)


if __name__ == "__main__":
    sys.exit(main())
