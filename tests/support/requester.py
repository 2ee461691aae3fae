"""A process that asks for withdrawals, all at once, as the bot does it once the code was accepted.

``python -m tests.support.requester <uri> <database> <intent>...``. It says ``ready``, waits for a line, and prints for
each request its person and ``held``, or the policy that refused it. Codes are left out: one person has one code in 30
seconds, and what is tried here is the posting.
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
from wallet_core.use_cases.codes import post_anew
from wallet_core.use_cases.request_withdrawal import WithdrawalRequest

HELD, READY = "held", "ready"


async def main(uri: str, database: str, intents: list[str]) -> None:
    """Asks for all of them at the same moment."""
    async with open_wallet(uri, database) as wallet:
        people = [(await _intent(wallet.ports, intent)).person for intent in intents]
        sys.stdout.write(f"{READY}\n")
        sys.stdout.flush()
        await asyncio.to_thread(sys.stdin.readline)
        answers = await asyncio.gather(*(ask(wallet.ports, intent) for intent in intents))
    sys.stdout.write("".join(f"{person} {answer}\n" for person, answer in zip(people, answers, strict=True)))


async def ask(ports: Ports, intent_id: str) -> str:
    """Asks for an offered withdrawal in its person's name: ``held``, the policy that refused it, or the reason."""
    intent = await _intent(ports, intent_id)
    caller = Caller(intent.person)
    request = WithdrawalRequest(ports, caller, intent)
    try:
        await post_anew(ports, unless_frozen(caller.person), request.decide)
        await request.outcome()
    except Refused as refused:
        return str(refused.facts.get("policy", refused.reason))
    return HELD


async def _intent(ports: Ports, intent_id: str) -> Intent:
    intent = await ports.store.get(Intent, intent_id)
    assert intent is not None
    return intent


if __name__ == "__main__":
    uri, database, *intents = sys.argv[1:]
    asyncio.run(main(uri, database, intents))
