"""A process in which many people press one Claim button at once: ``claimant URI DATABASE OFFER ID,ID,…``."""

import asyncio
import sys

from tests.support.wallet import open_wallet
from wallet_core.domain.claimable import Claimable
from wallet_core.domain.errors import AlreadyDone, Refused
from wallet_core.domain.people import Caller
from wallet_core.use_cases.claim_offer import claim_offer


async def _main(uri: str, database: str, offer: str, people: list[int]) -> None:
    async with open_wallet(uri, database) as wallet:
        claims = (claim_offer(wallet.ports, Caller(person), offer) for person in people)
        outcomes = await asyncio.gather(*claims, return_exceptions=True)
    strange = [one for one in outcomes if not isinstance(one, Claimable | Refused | AlreadyDone)]
    if strange:
        raise SystemExit(repr(strange[0]))


if __name__ == "__main__":
    asyncio.run(_main(sys.argv[1], sys.argv[2], sys.argv[3], [int(name) for name in sys.argv[4].split(",")]))
