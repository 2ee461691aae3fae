"""A process that takes limits at the same time as others: ``python -m tests.support.limit_rival <uri>``.

Each line of its input is an ``Order`` in JSON. It makes its offers, says ``ready``, and waits for ``go``. Then all its
tasks ask at once, each once or, with ``again``, until ``stop`` comes. For each outcome it prints a line: ``taken``,
``held`` for what a recipient with a full day has to claim, or ``refused`` with what kept it, and at the end ``over``.
What is held is taken back at once, so that nobody runs out of money. Codes are left out: one person has one code in 30
seconds, and what is tried here is the posting.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Final

import pytest

from tests.support import limit_bugs, set_clock
from tests.support.wallet import ELSEWHERE, ITD, Wallet, open_wallet
from wallet_core.domain import two_factor
from wallet_core.domain.changes import Insert
from wallet_core.domain.claimable import Claimable
from wallet_core.domain.errors import Reason, Refused
from wallet_core.domain.guards import unless_frozen
from wallet_core.domain.intent import Intent, IntentKind
from wallet_core.domain.kyc import PURCHASE_WITH, Operation
from wallet_core.domain.ledger import Posting
from wallet_core.domain.money import Asset
from wallet_core.domain.people import Caller
from wallet_core.domain.quote import coins_for, coins_out
from wallet_core.use_cases.codes import new_id, post_anew
from wallet_core.use_cases.confirm_purchase import confirm_purchase
from wallet_core.use_cases.confirm_send import confirm_send
from wallet_core.use_cases.request_withdrawal import WithdrawalRequest
from wallet_core.use_cases.take_back_send import take_back_send

READY, GO, STOP, OVER = "ready", "go", "stop", "over"
TAKEN, HELD, REFUSED = "taken", "held", "refused"
#: What is refused because of the limit, whatever it is called.
LIMITED: Final = frozenset({"limit_count", "limit_amount", "recipient_limit", "daily_limit"})
_LONG: Final = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be done: by so many tasks, on this database, to one person's limit; ``others`` deal with them."""

    database: str
    operation: str
    person: int
    others: tuple[int, ...]
    tasks: int
    again: bool = False
    bug: str = ""

    def line(self) -> bytes:
        """As the process reads it."""
        return json.dumps(asdict(self)).encode() + b"\n"


async def main(uri: str) -> None:
    """Carries orders out until the input ends."""
    while line := await asyncio.to_thread(sys.stdin.readline):
        order = Order(**json.loads(line))
        with pytest.MonkeyPatch.context() as patch:
            set_clock.install(patch)
            patch.setattr(two_factor, "CODE_FRESH", _LONG)
            async with open_wallet(uri, order.database, send_totp_above="1000000") as wallet:
                limit_bugs.plant(order.bug, wallet, patch)
                await _carry_out(wallet, order)
        say(OVER)


def say(*words: object) -> None:
    """A line of the output, at once."""
    sys.stdout.write(" ".join(str(word) for word in words) + "\n")
    sys.stdout.flush()


async def _carry_out(wallet: Wallet, order: Order) -> None:
    offers = [await _offer(wallet, order, number) for number in range(order.tasks)]
    say(READY)
    if (await asyncio.to_thread(sys.stdin.readline)).strip() != GO:
        return
    stopped = asyncio.create_task(asyncio.to_thread(sys.stdin.readline)) if order.again else None
    numbers = itertools.count(order.tasks)
    await asyncio.gather(*(_ask_on(wallet, order, offer, numbers, stopped) for offer in offers))


async def _ask_on(
    wallet: Wallet, order: Order, offer: Intent, numbers: Iterator[int], stopped: asyncio.Task[str] | None
) -> None:
    while True:
        outcome = await _ask(wallet, offer, order.bug)
        say(*outcome)
        if stopped is None or stopped.done():
            return
        if outcome[0] in (TAKEN, HELD) or "daily_limit" in outcome:
            offer = await _offer(wallet, order, next(numbers))


async def _ask(wallet: Wallet, offer: Intent, bug: str) -> tuple[str, ...]:
    """Once, however often something else came in between."""
    while True:
        try:
            return (await limit_bugs.around(bug, wallet, offer, _confirm(wallet, offer)),)
        except Refused as refused:
            if refused.reason is Reason.CHANGED_MEANWHILE:
                continue
            numbers = refused.facts.get("numbers") or refused.facts
            why = refused.facts.get("policy", refused.reason)
            return REFUSED, str(why), str(numbers.get("limit_count", "?"))


async def _confirm(wallet: Wallet, offer: Intent) -> str:
    caller = Caller(offer.person)
    if offer.kind is IntentKind.SEND:
        await confirm_send(wallet.ports, caller, offer.id)
        if await wallet.ports.store.get(Claimable, offer.id) is not None:
            await take_back_send(wallet.ports, caller, offer.id)
            return HELD
    elif offer.kind is IntentKind.PURCHASE:
        await confirm_purchase(wallet.ports, caller, offer.id)
    else:
        request = WithdrawalRequest(wallet.ports, caller, offer)
        await post_anew(wallet.ports, unless_frozen(caller.person), request.decide)
        await request.outcome()
    return TAKEN


async def _offer(wallet: Wallet, order: Order, number: int) -> Intent:
    """An offer as it stands before its Confirm button is pressed; what looks at limits before that is left out."""
    intent = _intent(wallet, order, number).model_copy(update=await _times(wallet))
    sealed = intent.model_copy(update={"mac": wallet.ports.vault.mac(intent.terms())} if intent.address else {})
    await wallet.ports.ledger.post(Posting(f"test:{sealed.id}", "test", "test", changes=(Insert(sealed),)))
    return sealed


async def _times(wallet: Wallet) -> dict[str, object]:
    now = await wallet.ports.store.now()
    return {"created_at": now, "expires_at": now + _LONG}


def _intent(wallet: Wallet, order: Order, number: int) -> Intent:
    operation, other = Operation(order.operation), order.others[number % len(order.others)]
    if operation in (Operation.SEND, Operation.RECEIVE):
        sender, recipient = (order.person, other) if operation is Operation.SEND else (other, order.person)
        return _terms(sender, IntentKind.SEND, recipient=recipient, recipient_name="Somebody")
    if operation is Operation.PAYOUT:
        rate_minor = wallet.rates.itd_minor[Asset.ETH]
        coins = {"coin_minor": coins_out(ITD, rate_minor, Asset.ETH), "rate_minor": rate_minor}
        return _terms(order.person, IntentKind.WITHDRAWAL, asset=Asset.ETH, address=ELSEWHERE, **coins)
    asset = _paid_with(operation, number)
    rate_minor = wallet.rates.itd_minor[asset]
    return _terms(
        order.person,
        IntentKind.PURCHASE,
        asset=asset,
        coin_minor=coins_for(ITD, rate_minor, asset),
        rate_minor=rate_minor,
    )


def _paid_with(operation: Operation, number: int) -> Asset:
    """Purchases in all are paid in every way in turn."""
    ways = [asset for asset, way in PURCHASE_WITH.items() if operation in (way, Operation.PURCHASE)]
    return ways[number % len(ways)]


def _terms(person: int, kind: IntentKind, **fields: object) -> Intent:
    long_ago = set_clock.LONG_AGO
    common = {"created_at": long_ago, "expires_at": long_ago, "amount_minor": ITD, "fee_minor": 0}
    return Intent(id=new_id(), person=person, kind=kind, **{**common, **fields})


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
