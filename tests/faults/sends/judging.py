"""What must be true in the end: one outcome each, books and counters that say the same, and everybody told."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Final

from tests.faults.sends.stories import Stage
from tests.faults.verdict import Verdict
from tests.support.wallet import ITD
from wallet_core.domain.accounts import available, held
from wallet_core.domain.chat import OutboxMessage, OutboxState
from wallet_core.domain.claimable import WAITING, Claimable, ClaimableState
from wallet_core.domain.guards import Guards
from wallet_core.domain.intent import Intent, IntentKind, IntentState
from wallet_core.domain.journal import JournalRecord
from wallet_core.domain.kyc import Operation
from wallet_core.domain.payment_request import PaymentRequest
from wallet_core.domain.recurring_send import RecurringSend
from wallet_core.ports import Store
from wallet_core.use_cases.balances import balance_minor
from wallet_core.use_cases.verify_books import verify_books

_MOST: Final = 1_000_000
_ENDS: Final = {
    ClaimableState.CLAIMED: ("claimed", "Sent 5 ITD"),
    ClaimableState.TAKEN_BACK: ("send_taken_back", "Taken back: 5 ITD"),
    ClaimableState.RETURNED: ("send_returned", "Came back: 5 ITD"),
}


@dataclass
class _Moved:
    """What each person sent and got: how often, and ITD minor units with the fees of what they sent."""

    sent: Counter[int] = field(default_factory=Counter)
    received: Counter[int] = field(default_factory=Counter)
    minor: Counter[int] = field(default_factory=Counter)

    def add(self, sender: int, recipient: int, amount_minor: int, fee_minor: int) -> None:
        """Once from one to the other."""
        self.sent[sender] += 1
        self.received[recipient] += 1
        self.minor[sender] -= amount_minor + fee_minor
        self.minor[recipient] += amount_minor


async def judge(stage: Stage) -> Verdict:
    """Compares what is kept of each send with the journal, with what people have, and with what they were told."""
    store, verdict, moved = stage.world.ports.store, Verdict(), _Moved()
    records = await store.find(JournalRecord, {}, order_by=("place",), limit=_MOST)
    await _judge_claimables(store, verdict, moved, records)
    await _judge_intents(store, verdict, moved, records)
    await _judge_recurring(store, verdict, moved, records)
    await _judge_people(stage, verdict, moved)
    await _judge_messages(stage, verdict)
    verdict.gaps += [str(gap) for gap in (await verify_books(stage.world.ports, {})).gaps]
    return verdict


async def _judge_claimables(store: Store, verdict: Verdict, moved: _Moved, records: list[JournalRecord]) -> None:
    kinds = Counter((record.kind, record.facts.get("intent")) for record in records)
    for one in await store.find(Claimable, {}, limit=_MOST):
        if one.state in WAITING:
            verdict.lost.append(f"{one.id} still waits")
            continue
        ends = Counter({kind: kinds[kind, one.id] for kind, _ in _ENDS.values()})
        wanted = _ENDS[one.state][0]
        if ends.total() > 1 or kinds["send_held", one.id] > 1:
            verdict.doubled.append(f"{one.id}: {dict(ends)}")
        elif ends[wanted] != 1 or kinds["send_held", one.id] != 1:
            verdict.lost.append(f"{one.id} is {one.state}: {dict(ends)}")
        if one.state is ClaimableState.CLAIMED and one.recipient is not None:
            moved.add(one.person, one.recipient, one.amount_minor, one.fee_minor)


async def _judge_intents(store: Store, verdict: Verdict, moved: _Moved, records: list[JournalRecord]) -> None:
    kinds, paid = Counter((record.kind, record.facts.get("intent")) for record in records), Counter[str]()
    for one in await store.find(Intent, {"kind": IntentKind.SEND}, limit=_MOST):
        times, wanted = kinds["sent", one.id] + kinds["send_held", one.id], one.state is IntentState.CONFIRMED
        if times != wanted:
            (verdict.doubled if times > 1 else verdict.lost).append(f"{one.id} is {one.state}, posted {times} times")
        if kinds["sent", one.id] and one.recipient is not None:
            moved.add(one.person, one.recipient, one.amount_minor, one.fee_minor)
            paid[one.request or ""] += one.amount_minor
    for request in await store.find(PaymentRequest, {}, limit=_MOST):
        if request.paid_minor != paid[request.id]:
            verdict.wrong.append(f"request {request.id} has {request.paid_minor}, paid were {paid[request.id]}")


async def _judge_recurring(store: Store, verdict: Verdict, moved: _Moved, records: list[JournalRecord]) -> None:
    runs = Counter(r.facts["recurring"] for r in records if r.kind == "sent" and "recurring" in r.facts)
    for one in await store.find(RecurringSend, {}, limit=_MOST):
        if runs[one.id] > 1:
            verdict.doubled.append(f"{one.id} was run {runs[one.id]} times")
        elif one.runs != runs[one.id]:
            verdict.lost.append(f"{one.id} says {one.runs} runs, there were {runs[one.id]}")
        for _ in range(runs[one.id]):
            moved.add(one.person, one.recipient, one.amount_minor, 0)


async def _judge_people(stage: Stage, verdict: Verdict, moved: _Moved) -> None:
    store = stage.world.ports.store
    for person, itd in stage.people.items():
        has = await balance_minor(store, available(person)), await balance_minor(store, held(person))
        if has != (itd * ITD + moved.minor[person], 0):
            verdict.gaps.append(f"{person} has {has}, of {itd * ITD} and {moved.minor[person]}")
        guards = await store.get(Guards, person)
        days = guards.limits.values() if guards else ()
        for operation, wanted in ((Operation.SEND, moved.sent), (Operation.RECEIVE, moved.received)):
            taken = sum(day.get(operation, {}).get("count", 0) for day in days)
            if taken != wanted[person]:
                verdict.gaps.append(f"{person}: {taken} are taken of the limit {operation}, {wanted[person]} were")


async def _judge_messages(stage: Stage, verdict: Verdict) -> None:
    store = stage.world.ports.store
    for message in await store.find(OutboxMessage, {"state": (OutboxState.WAITING, OutboxState.UNDELIVERABLE)}):
        verdict.gaps.append(f"{message.person} was never told {message.template}: {message.state}")
    for one in await store.find(Claimable, {}, limit=_MOST):
        if one.state in _ENDS and not await _is_shown(stage, one.person, _ENDS[one.state][1], one.id):
            verdict.gaps.append(f"{one.person} does not see that {one.id} is {one.state}")


async def _is_shown(stage: Stage, person: int, *words: str) -> bool:
    """Whether the chat has a message with all of these words."""
    found = await stage.world.sandbox.get(f"/sim/chats/{person}/messages", after=0, wait=0)
    texts = [str(m.get("text") or m.get("caption") or "") for m in found if not m["deleted"]]
    return any(all(word in text for word in words) for text in texts)
