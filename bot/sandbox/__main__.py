"""`python -m bot.sandbox`: the whole wallet on this machine, until Ctrl-C."""

import asyncio
import os
import signal
import sys
from collections.abc import Mapping

from rich.console import Console

from bot.sandbox.components import MissingComponentError
from bot.sandbox.folder import FolderError
from bot.sandbox.readiness import NotReadyError
from bot.sandbox.starter import StartError, run
from bot.sandbox.wallet_commands import WalletCommandError
from wallet_core.adapters.mongo.embedded import MongodError

EXPECTED = (FolderError, MissingComponentError, MongodError, NotReadyError, StartError, WalletCommandError)
STOPPING_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def main(environment: Mapping[str, str]) -> int:
    """Runs until a signal and returns the exit code: 0 after Ctrl-C, 1 when it could not start."""
    console = Console(highlight=False, markup=False, soft_wrap=True)
    try:
        asyncio.run(_until_signalled(environment, console))
    except EXPECTED as error:
        console.print(f"the sandbox could not start: {error}")
        return 1
    return 0


async def _until_signalled(environment: Mapping[str, str], console: Console) -> None:
    sandbox = asyncio.create_task(run(environment, console.print))
    loop = asyncio.get_running_loop()
    stops: list[int] = []

    def stop(number: int) -> None:
        # A second Ctrl-C must not cut the clean end short.
        if not stops:
            stops.append(number)
            sandbox.cancel()

    for number in STOPPING_SIGNALS:
        loop.add_signal_handler(number, stop, number)
    try:
        await sandbox
    except asyncio.CancelledError:
        console.print("stopped")


if __name__ == "__main__":
    sys.exit(main(os.environ))
