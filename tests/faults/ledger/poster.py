"""A process that posts a series of transfers from its start, many at once, and says what was acknowledged.

``python -m tests.faults.ledger.poster <uri> <database> <name> <count> [planted bug]``. It prints the key of each
acknowledged transfer after ``done``, or after ``again`` where it was a replay, in a line of its own and at once, since
it will be killed.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator

from tests.faults.ledger.plan import transfer
from tests.faults.ledger.planted import BUGS
from tests.support.wallet import open_wallet
from wallet_core.domain.errors import Unavailable
from wallet_core.ports import Ledger

AT_ONCE = 256
#: What a line about an acknowledgement begins with; the others are log lines.
DONE, AGAIN = "done", "again"
_PAUSE_SECONDS = 0.05


async def main(uri: str, database_name: str, name: str, count: int) -> None:
    """Posts all of the series, whatever of it was posted before."""
    numbers = iter(range(count))
    async with open_wallet(uri, database_name) as wallet:
        await asyncio.gather(*(_post_all(wallet.ports.ledger, name, numbers) for _ in range(AT_ONCE)))


async def _post_all(ledger: Ledger, name: str, numbers: Iterator[int]) -> None:
    for number in numbers:
        posting = transfer(name, number)
        while True:
            try:
                receipt = await ledger.post(posting)
            except Unavailable:
                await asyncio.sleep(_PAUSE_SECONDS)
            else:
                break
        sys.stdout.write(f"{AGAIN if receipt.replayed else DONE} {posting.key}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    uri, database_name, name, count, *bugs = sys.argv[1:]
    for bug in bugs:
        BUGS[bug](setattr)
    asyncio.run(main(uri, database_name, name, int(count)))
