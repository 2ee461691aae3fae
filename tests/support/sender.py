"""A process in which everybody sends to everybody at once: ``sender URI DATABASE ID,ID,… SEED``."""

import asyncio
import random
import sys

from tests.support.wallet import open_wallet
from wallet_core.domain.errors import Refused
from wallet_core.domain.guards import Guards
from wallet_core.domain.ledger import Posting
from wallet_core.domain.people import Caller
from wallet_core.domain.two_factor import consume_step
from wallet_core.ports import Ports
from wallet_core.use_cases.codes import new_id
from wallet_core.use_cases.confirm_send import confirm_send
from wallet_core.use_cases.quote_send import quote_send

_SENDS_EACH = 8


async def _send(ports: Ports, sender: int, recipient: int, amount: str) -> None:
    caller = Caller(sender)
    try:
        quote = await quote_send(ports, caller, amount, f"@person{recipient}")
        await confirm_send(ports, caller, quote.intent.id)
    except Refused:
        return


async def _give_code(ports: Ports, person: int, step: int) -> None:
    """As if the person had just given a code: small sends need no other for a while."""
    guards = await ports.store.get(Guards, person)
    assert guards is not None and guards.secret is not None
    consume = consume_step(person, guards.secret, step)
    await ports.ledger.post(Posting(f"code:{new_id()}", "test", "test", changes=(consume,)))


async def _main(uri: str, database: str, people: list[int], seed: int) -> None:
    chance = random.Random(seed)
    async with open_wallet(uri, database) as wallet:
        await asyncio.gather(*(_give_code(wallet.ports, person, seed) for person in people), return_exceptions=True)
        pairs = [(sender, recipient) for sender in people for recipient in chance.sample(people, _SENDS_EACH)]
        sends = (_send(wallet.ports, a, b, str(chance.randint(1, 4))) for a, b in pairs if a != b)
        await asyncio.gather(*sends)


if __name__ == "__main__":
    asyncio.run(_main(sys.argv[1], sys.argv[2], [int(name) for name in sys.argv[3].split(",")], int(sys.argv[4])))
