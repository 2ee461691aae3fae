"""What must be true in the end: the card company's own records compared with the journal, and with what people have.

Nothing of the card rail is used here but the shape of what it stores: who owes what to whom is computed anew.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from fractions import Fraction
from typing import Final

from tests.faults.cards.records import Books, Claim, Sale, Theirs, signed, theirs_of
from tests.faults.verdict import Verdict
from tests.support.card_company import Company
from wallet_core.domain.accounts import Side
from wallet_core.domain.card import EVENT_KINDS, CardEvent
from wallet_core.domain.guards import Guards
from wallet_core.domain.journal import JournalRecord
from wallet_core.domain.ledger import Balance
from wallet_core.domain.money import Asset
from wallet_core.ports import Store

_MOST: Final = 1_000_000
#: A claim of a part may be a unit off, because what a cent had bought is no whole number of units.
_ROUNDING: Final = 1


async def judge(store: Store, company: Company, *, young: bool = True) -> Verdict:
    """Compares everything; with ``young`` all money was bought by card a moment ago, so that none has matured."""
    books = Books(await store.find(JournalRecord, {}, order_by=("place",), limit=_MOST))
    theirs, verdict = theirs_of(company, books), Verdict()
    _judge_credits(verdict, books, theirs.sales)
    _judge_claims(verdict, books, theirs.claims)
    _judge_refunds_asked(verdict, books, company)
    _judge_sums(verdict, books, theirs)
    await _judge_people(verdict, store, books, theirs)
    if young:
        await _judge_lots(verdict, store, theirs)
    await _judge_limits(verdict, store, theirs)
    await _judge_events(verdict, store, company)
    return verdict


def _judge_credits(verdict: Verdict, books: Books, sales: list[Sale]) -> None:
    known, pages = set[str](), Counter(sale.session["metadata"]["invoice"] for sale in sales)
    verdict.doubled += [f"invoice {invoice} has {times} pages" for invoice, times in pages.items() if times > 1]
    for sale in sales:
        credited = books.credits.get(sale.intent or "", [])
        known.add(sale.intent or "")
        if sale.is_paid and not credited:
            verdict.lost.append(f"{sale.session['id']} is paid and not credited")
        elif len(credited) > 1:
            verdict.doubled.append(f"{sale.session['id']} is credited {len(credited)} times")
        elif credited and not sale.is_paid:
            verdict.wrong.append(f"{sale.session['id']} is credited and not paid")
        for record in credited:
            if _gained(record, sale.person) != sale.itd_minor:
                verdict.wrong.append(f"{sale.session['id']}: {_gained(record, sale.person)} for {sale.itd_minor}")
    verdict.wrong += [f"{intent} is credited and of no session" for intent in books.credits.keys() - known]


def _gained(record: JournalRecord, person: int) -> int:
    mine = f"ITD:person:{person}:available"
    return sum(e.amount_minor for e in record.entries if e.account == mine and e.side is Side.CREDIT)


def _judge_claims(verdict: Verdict, books: Books, claims: list[Claim]) -> None:
    wanted: Counter[str] = Counter()
    for claim in claims:
        # Of two refunds with the same wish on them one is booked under the wish, the other under its own id.
        name = next((n for n in claim.names if books.taken[n] and not wanted[n]), claim.names[-1])
        net = books.taken[name] - books.given_again[name]
        wanted[name] += 1
        if claim.is_lost and net < 1:
            verdict.lost.append(f"{claim.names[-1]} took money that is not taken back")
        elif net != claim.is_lost:
            verdict.doubled.append(f"{claim.names[-1]} is booked {net} times, wanted {int(claim.is_lost)}")
    verdict.wrong += [f"{name} is taken back without a claim" for name in books.taken.keys() - wanted.keys()]


def _judge_refunds_asked(verdict: Verdict, books: Books, company: Company) -> None:
    """Every wish of an admin is made once, or is closed because the card company refused it."""
    requested = {
        one["data"]["object"]["id"]
        for one in company.table("event")
        if one["type"] == "refund.created" and one["request"]["id"]
    }
    made = Counter(one["metadata"].get("reversal") for one in company.table("refund") if one["id"] in requested)
    for wish in books.asked:
        if made[wish] > 1:
            verdict.doubled.append(f"refund {wish} was made {made[wish]} times")
        elif not made[wish] and books.closed[wish] != 1:
            verdict.lost.append(f"refund {wish} was not made and is closed {books.closed[wish]} times")


def _judge_sums(verdict: Verdict, books: Books, theirs: Theirs) -> None:
    sums: Counter[str] = Counter()
    for record in books.records:
        for entry in record.entries:
            sums[entry.account.partition(":")[0]] += signed(entry)
    verdict.gaps += [f"{asset} sums to {total}" for asset, total in sums.items() if total]
    owed_minor, booked_minor = theirs.owed_minor(), books.total(f"{Asset.USD}:clearing")
    if booked_minor != owed_minor:
        verdict.gaps.append(f"the card company owes us {owed_minor} cents, in the books {booked_minor}")
    beyond_minor = sum(max(0, theirs.lost_minor(sale) - sale.paid_minor) for sale in theirs.sales)
    borne_minor = books.total(f"{Asset.USD}:expense:claims")
    if borne_minor != beyond_minor:
        verdict.gaps.append(f"the house lost {beyond_minor} cents, in the books {borne_minor}")


async def _judge_people(verdict: Verdict, store: Store, books: Books, theirs: Theirs) -> None:
    debts_minor = 0
    for person, due_minor in _due(books, theirs).items():
        claims = [claim for claim in theirs.claims if claim.sale.person == person]
        guards = await store.get(Guards, person) or Guards(id=person)
        debts_minor += guards.debt_minor
        _judge_person(verdict, guards, await _have(store, person), due_minor, claims)
    if books.total("ITD:receivable") != debts_minor:
        verdict.gaps.append(f"people owe {debts_minor}, in the books {books.total('ITD:receivable')}")


def _due(books: Books, theirs: Theirs) -> dict[int, Fraction]:
    """What each person should have, in ITD minor units: bought, sent and received; below zero they owe it."""
    due: defaultdict[int, Fraction] = defaultdict(Fraction)
    for sale in theirs.sales:
        # What is taken beyond what was paid is not the person's to bear.
        kept_minor = max(0, sale.paid_minor - theirs.lost_minor(sale)) if sale.is_paid else 0
        due[sale.person] += Fraction(sale.itd_minor * kept_minor, sale.paid_minor)
    for record in books.records:
        if record.kind == "sent":
            sent_minor = sum(entry.amount_minor for entry in record.entries if entry.side is Side.CREDIT)
            due[record.facts["sender"]] -= sent_minor
            due[record.facts["recipient"]] += sent_minor
    return due


async def _have(store: Store, person: int) -> tuple[int, int]:
    balances = await store.find(Balance, {"account": (f"ITD:person:{person}:available", f"ITD:person:{person}:held")})
    minor = {balance.account.rpartition(":")[2]: balance.balance_minor for balance in balances}
    return minor.get("available", 0), minor.get("held", 0)


def _judge_person(
    verdict: Verdict, guards: Guards, have: tuple[int, int], due_minor: Fraction, claims: list[Claim]
) -> None:
    available_minor, held_minor = have
    if abs(available_minor + held_minor - guards.debt_minor - due_minor) > len(claims) * _ROUNDING:
        verdict.gaps.append(f"{guards.id} has {have}, owes {guards.debt_minor}, and is due {float(due_minor)}")
    if guards.debt_minor and available_minor:
        verdict.gaps.append(f"{guards.id} owes {guards.debt_minor} and has {available_minor}")
    if held_minor and not any(claim.is_open for claim in claims):
        verdict.gaps.append(f"{guards.id} has {held_minor} held for nothing")
    if bool(guards.disputes) != any(claim.is_open and claim.is_dispute for claim in claims):
        verdict.gaps.append(f"{guards.id} is kept from their money by {guards.disputes}")


async def _judge_lots(verdict: Verdict, store: Store, theirs: Theirs) -> None:
    """All that is there is young; what was taken back may have left more of the lots than of the money."""
    claims, now = Counter(claim.sale.person for claim in theirs.claims), await store.now()
    for person in {sale.person for sale in theirs.sales}:
        guards, (has_minor, _) = await store.get(Guards, person), await _have(store, person)
        lots = [lot for lot in guards.card_lots if lot.matures_at > now] if guards else []
        young_minor = sum(lot.amount_minor for lot in lots)
        if young_minor < has_minor - claims[person] * _ROUNDING or (not claims[person] and young_minor != has_minor):
            verdict.gaps.append(f"{person} has {has_minor}, of which {young_minor} are young")


async def _judge_limits(verdict: Verdict, store: Store, theirs: Theirs) -> None:
    """What is taken of the days' limits is that of the orders that did not end unpaid."""
    intents = {one["id"]: one["status"] for one in theirs.company.table("payment_intent")}
    wanted: defaultdict[int, list[int]] = defaultdict(lambda: [0, 0])
    for sale in theirs.sales:
        complete = sale.session["status"] == "complete"
        failed = complete and not sale.is_paid and intents[sale.intent or ""] == "requires_payment_method"
        if sale.session["status"] != "expired" and not failed:
            wanted[sale.person][0] += 1
            wanted[sale.person][1] += sale.itd_minor
    for person in {sale.person for sale in theirs.sales}:
        guards = await store.get(Guards, person)
        for operation in ("purchase", "card"):
            days = [day.get(operation, {}) for day in guards.limits.values()] if guards else []
            taken = [sum(day.get(name, 0) for day in days) for name in ("count", "amount_minor")]
            if taken != wanted[person]:
                verdict.gaps.append(f"{person} has {taken} of the limit {operation} taken, wanted {wanted[person]}")


async def _judge_events(verdict: Verdict, store: Store, company: Company) -> None:
    seen = {event.id: event for event in await store.find(CardEvent, {}, limit=_MOST)}
    ours = [one["id"] for one in company.table("event") if one["type"] in EVENT_KINDS]
    verdict.gaps += [f"event {one} was never heard of" for one in ours if one not in seen]
    verdict.gaps += [f"event {event.id} was not looked into" for event in seen.values() if event.handled_at is None]
