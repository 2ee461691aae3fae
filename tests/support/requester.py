"""A process that asks for withdrawals, all at once, as the bot does it once the code was accepted.

``python -m tests.support.requester <uri> <database> <person> <planted: yes or no> <intent>...``. It says ``ready``,
waits for a line, and prints for each request ``held`` or the policy that refused it. Codes are left out: one person has
one code in 30 seconds, and what is tried here is the posting. With a bug planted nobody insists on the counter of
requests.
"""

from __future__ import annotations

import asyncio
import sys

from tests.support.wallet import open_wallet
from wallet_core.domain.errors import Refused
from wallet_core.domain.guards import unless_frozen
from wallet_core.domain.intent import Intent
from wallet_core.domain.people import Caller
from wallet_core.ports import Ports
from wallet_core.use_cases import request_withdrawal
from wallet_core.use_cases.codes import post_anew
from wallet_core.use_cases.request_withdrawal import WithdrawalRequest

HELD, READY = "held", "ready"


async def main(uri: str, database: str, person: int, intents: list[str]) -> None:
    """Asks for all of them at the same moment."""
    async with open_wallet(uri, database) as wallet:
        found = [await wallet.ports.store.get(Intent, intent) for intent in intents]
        sys.stdout.write(f"{READY}\n")
        sys.stdout.flush()
        await asyncio.to_thread(sys.stdin.readline)
        answers = await asyncio.gather(*(_ask(wallet.ports, Caller(person), intent) for intent in found if intent))
    sys.stdout.write("".join(f"{answer}\n" for answer in answers))


async def _ask(ports: Ports, caller: Caller, intent: Intent) -> str:
    request = WithdrawalRequest(ports, caller, intent)
    try:
        await post_anew(ports, unless_frozen(caller.person), request.decide)
        await request.outcome()
    except Refused as refused:
        return str(refused.facts.get("policy", refused.reason))
    return HELD


if __name__ == "__main__":
    uri, database, person, planted, *intents = sys.argv[1:]
    if planted == "yes":
        request_withdrawal.request_counted = lambda who, _read: unless_frozen(who)
    asyncio.run(main(uri, database, int(person), intents))
