"""What must be true of a mass send in the end, line by line: the ledger, the chain, the result and the messages."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Sequence

from tests.faults.mass_sends.admins import APPROVER, NOBODY, PAYER
from tests.faults.mass_sends.watching import Watch
from tests.faults.verdict import Verdict
from tests.faults.world import World
from wallet_core.domain.accounts import available
from wallet_core.domain.chat import OutboxMessage
from wallet_core.domain.hold import Hold, HoldState
from wallet_core.domain.journal import JournalRecord
from wallet_core.domain.ledger import Balance
from wallet_core.domain.mass_file import FileRow
from wallet_core.domain.mass_send import MassSend
from wallet_core.domain.money import plain
from wallet_core.domain.payout import PayoutState, Withdrawal
from wallet_core.use_cases.mass_send_result import mass_send_result
from wallet_core.use_cases.verify_books import verify_books

_MOST = 200_000


async def judge_mass_send(world: World, watch: Watch, rows: Sequence[FileRow], itd_minor: int) -> Verdict:
    """Each line exactly once, and nothing else; ``itd_minor`` is what the payer had before."""
    payouts = await world.ports.store.find(Withdrawal, {"mass_send": watch.send.id}, limit=_MOST)
    verdict = await world.check(payouts) if payouts else Verdict()
    verdict.gaps += watch.backwards
    payable = [row for row in rows if row.recipient != NOBODY]
    await _judge_people(world, verdict, payable)
    _judge_payouts(verdict, [row for row in payable if row.address], payouts)
    await _judge_result(world, verdict, watch.send, rows, payouts)
    await _judge_money(world, verdict, watch.send, payouts, itd_minor)
    await _judge_cards(world, verdict, watch.send, sum(row.person is not None for row in payable))
    verdict.gaps += (await verify_books(world.ports, {})).gaps
    return verdict


async def _judge_people(world: World, verdict: Verdict, rows: Sequence[FileRow]) -> None:
    wanted: Counter[str] = Counter()
    for row in rows:
        if row.person is not None:
            wanted[available(row.person).id] += row.amount_minor
    balances = await world.ports.store.find(Balance, {"_id": tuple(wanted)}, limit=len(wanted) + 1) if wanted else []
    has = {balance.id: balance.balance_minor for balance in balances}
    verdict.lost += [who for who, minor in wanted.items() if has.get(who, 0) < minor]
    verdict.doubled += [who for who, minor in wanted.items() if has.get(who, 0) > minor]


def _judge_payouts(verdict: Verdict, rows: Sequence[FileRow], payouts: Sequence[Withdrawal]) -> None:
    wanted, made = Counter((r.recipient, r.amount_minor) for r in rows), Counter()
    made.update((payout.address, payout.coin_minor) for payout in payouts if payout.state is PayoutState.SETTLED)
    verdict.lost += [f"{address} is paid {made[address, minor]} times" for address, minor in wanted - made]
    verdict.doubled += [f"{address} is paid {made[address, minor]} times" for address, minor in made - wanted]


async def _judge_result(
    world: World, verdict: Verdict, send: MassSend, rows: Sequence[FileRow], payouts: Sequence[Withdrawal]
) -> None:
    whole = b"".join([part async for part in await mass_send_result(world.ports, APPROVER, send.id)])
    table = list(csv.DictReader(io.StringIO(whole.decode())))
    txids = {payout.address: payout.txid or "" for payout in payouts}
    wanted = [
        {
            "line": str(row.line), "recipient": row.recipient, "amount": plain(row.amount_minor, row.asset),
            "outcome": "refused" if row.recipient == NOBODY else "paid",
            "reason": "unknown_person" if row.recipient == NOBODY else "",
            "txid": txids.get(row.recipient, ""),
        }
        for row in rows
    ]  # fmt: skip
    found = [{name: line[name] for name in wanted[0]} for line in table]
    verdict.wrong += [f"result: {got}" for got, want in zip(found, wanted, strict=False) if got != want]
    if len(found) != len(wanted):
        verdict.wrong.append(f"the result has {len(found)} lines, not {len(wanted)}")


async def _judge_money(
    world: World, verdict: Verdict, send: MassSend, payouts: Sequence[Withdrawal], itd_minor: int
) -> None:
    hold = await world.ports.store.get(Hold, send.id)
    if hold is None or hold.state is HoldState.OPEN or hold.left_minor:
        verdict.gaps.append(f"its hold is {hold}")
    fees_minor = sum(payout.fee_minor for payout in payouts)
    left = await world.balance(available(PAYER.person).id)
    if left != itd_minor - send.paid_minor - fees_minor:
        verdict.gaps.append(f"the payer has {left}, not {itd_minor - send.paid_minor - fees_minor}")
    rows = send.person_rows + send.address_rows
    if (send.paid, send.returned, send.done, send.paid_minor) != (rows, 0, send.rows, _worth(send)):
        verdict.gaps.append(f"its counters say {send.paid} paid, {send.refused} refused, {send.returned} returned")
    keys = await world.ports.store.count(JournalRecord, {"facts.mass_send": send.id, "kind": "hold_settled"})
    if keys != send.person_rows:
        verdict.gaps.append(f"{keys} postings paid {send.person_rows} lines to people")


def _worth(send: MassSend) -> int:
    return sum(total.itd_minor for total in send.totals)


async def _judge_cards(world: World, verdict: Verdict, send: MassSend, received: int) -> None:
    told = await world.ports.store.find(
        OutboxMessage, {"thread": f"mass_send:{send.id}"}, order_by=("at", "order"), limit=_MOST
    )
    shown = [message.facts["done"] for message in told]
    if shown != sorted(shown) or not told or told[-1].facts["state"] != "done":
        verdict.gaps.append(f"its card went over {shown}")
    if await world.ports.store.count(OutboxMessage, {"template": "received"}) != received:
        verdict.gaps.append("not everybody who was paid is told once")
    if await world.ports.store.count(OutboxMessage, {"template": "withdrawal"}):
        verdict.gaps.append("the payer is told of single payouts")
