"""What comes of each decision about a case, as postings: where there are several, the first that its guards allow."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from wallet_core.domain.case import Case, CaseChoice, CaseKind, CaseState, decide
from wallet_core.domain.crediting import Crediting
from wallet_core.domain.deposit import deposit
from wallet_core.domain.errors import InvariantViolated
from wallet_core.domain.guards import Guards
from wallet_core.domain.kyc import TakeLimit
from wallet_core.domain.ledger import Entry, Message, Posting
from wallet_core.domain.movements import unexplained_kept
from wallet_core.domain.payment import Payment, PaymentState
from wallet_core.domain.people import Access, Caller
from wallet_core.domain.purchase import Invoice
from wallet_core.domain.quote import coins_for, share
from wallet_core.domain.receipts import InvoiceStep, invoice_message, step_of
from wallet_core.ports import Ports
from wallet_core.use_cases.cases import to_admins
from wallet_core.use_cases.codes import new_id
from wallet_core.use_cases.gate import if_trusted
from wallet_core.use_cases.held_back import HeldMove, hold_again, is_held, lay_aside
from wallet_core.use_cases.limits import surplus_limits
from wallet_core.use_cases.refunds import withheld_minor

Outcome = Callable[[Ports, Caller, Case, Invoice], Awaitable[list[Posting]]]


async def outcome(ports: Ports, caller: Caller, case: Case, choice: CaseChoice) -> list[Posting]:
    """The postings of this choice. Raises ``Refused`` RATE_UNAVAILABLE, BELOW_MINIMUM or LEVELS_UNSOUND."""
    invoice = await ports.store.get(Invoice, case.invoice)
    if invoice is None:
        raise InvariantViolated(f"case {case.id} is about no invoice")
    return await _OUTCOMES[choice](ports, caller, case, invoice)


async def _credited(ports: Ports, caller: Caller, case: Case, invoice: Invoice) -> list[Posting]:
    """At today's rate; what the day's limit does not cover is the person's, and held."""
    rate = await ports.rates.rate(case.asset)
    payments = await ports.store.find(Payment, {"_id": case.payments, "state": PaymentState.CASE})
    worth = deposit(invoice, case.coin_minor, rate.purchase_minor, aside_minor=case.coin_minor)
    paid = replace(worth, at_desk=not payments)
    whole = Crediting(_key(case), (paid,), tuple(payments[:1]), txid=payments[0].txid if payments else None)
    now, limits = await ports.store.now(), await surplus_limits(ports, whole)
    guards = await ports.store.get(Guards, case.person) or Guards(id=case.person)
    decided = case.decided(CaseChoice.CREDIT, CaseState.CLOSED, caller.person, now)
    admins = await to_admins(ports, decided)

    def posting(crediting: Crediting, *taken: TakeLimit) -> Posting:
        return Posting(
            crediting.key,
            "purchase_credited",
            caller.name,
            entries=crediting.entries(guards),
            changes=(
                *if_trusted(ports, caller.person, Access.FINANCE),
                decide(case, decided),
                *crediting.changes(guards, *taken),
            ),
            messages=(crediting.message(), *admins),
            people=(case.person,),
            facts={**crediting.facts(), "case": case.id},
        )

    return [posting(whole, *limits), *([posting(whole.with_surplus_held())] if limits else [])]


async def _kept(ports: Ports, caller: Caller, case: Case, invoice: Invoice) -> list[Posting]:
    decided = case.decided(CaseChoice.KEEP, CaseState.CLOSED, caller.person, await ports.store.now())
    told = invoice_message(invoice, InvoiceStep.KEPT, aside_minor=case.coin_minor)
    kept = unexplained_kept(case.asset, case.coin_minor)
    return [await _Decision(ports, caller, case, decided).posting("case_kept", told, entries=kept)]


async def _rest_asked(ports: Ports, caller: Caller, case: Case, invoice: Invoice) -> list[Posting]:
    now = await ports.store.now()
    until = now + timedelta(seconds=ports.settings.invoice_seconds)
    decided = case.decided(CaseChoice.ASK_REST, CaseState.WAITING, caller.person, now, until=until)
    rest_minor = await _rest_minor(ports, case, invoice)
    uri = ports.addresses[case.asset].payment_uri(invoice.address, rest_minor)
    asked = {"aside_minor": case.coin_minor, "rest_minor": rest_minor, "until": until, "payment_uri": uri}
    told = invoice_message(invoice, InvoiceStep.REST, case=case.id, decisions=decided.decisions, **asked)
    return [await _Decision(ports, caller, case, decided).posting("rest_asked", told)]


async def _rest_minor(ports: Ports, case: Case, invoice: Invoice) -> int:
    """Coins that complete the order, or, where it is complete or over, that make what lies aside worth crediting."""
    if invoice.missing_minor and not invoice.limit_returned:
        return max(1, invoice.missing_minor - case.coin_minor)
    rate = await ports.rates.rate(case.asset)
    least_minor = ports.settings.itd("min_payment")
    gross_minor = least_minor + share(least_minor, invoice.fee_basis_points)
    return max(1, coins_for(gross_minor, rate.purchase_minor, case.asset) - case.coin_minor)


async def _refund_decided(ports: Ports, caller: Caller, case: Case, invoice: Invoice) -> list[Posting]:
    """The person is asked for an address; what goes back there is told when they name it."""
    aside = await lay_aside(ports, case, invoice) if is_held(case) else None
    after, present = (aside.case, aside.invoice) if aside else (case, invoice)
    await withheld_minor(ports, after)
    decided = after.decided(CaseChoice.REFUND, CaseState.WAITING, caller.person, await ports.store.now(), until=None)
    told = invoice_message(present, InvoiceStep.REFUND, case=case.id, aside_minor=after.coin_minor)
    return [await _Decision(ports, caller, case, decided, aside).posting("refund_decided", told)]


async def _closed(ports: Ports, caller: Caller, case: Case, invoice: Invoice) -> list[Posting]:
    """Nothing is to be done; coins that lay aside to be sent back are held money again."""
    held = hold_again(ports, case, invoice) if case.kind is CaseKind.ABOVE_LIMIT and case.coin_minor else None
    told = (invoice_message(held.invoice, step_of(held.invoice)),) if held else ()
    after = held.case if held else case
    decided = after.decided(CaseChoice.CLOSE, CaseState.CLOSED, caller.person, await ports.store.now())
    return [await _Decision(ports, caller, case, decided, held).posting("case_closed", *told)]


@dataclass(frozen=True, slots=True)
class _Decision:
    """A decision of the caller's that credits nothing."""

    ports: Ports
    caller: Caller
    case: Case
    decided: Case
    held: HeldMove | None = None

    async def posting(self, kind: str, *told: Message, entries: tuple[Entry, ...] = ()) -> Posting:
        case, held = self.case, self.held
        allowed = if_trusted(self.ports, self.caller.person, Access.FINANCE)
        return Posting(
            _key(case),
            kind,
            self.caller.name,
            entries=held.entries if held else entries,
            changes=(*allowed, decide(case, self.decided), *((held.change,) if held else ())),
            messages=(*told, *await to_admins(self.ports, self.decided)),
            people=(case.person,),
            facts={"invoice": case.invoice, "case": case.id, "asset": case.asset, "coin_minor": self._coin_minor},
        )

    @property
    def _coin_minor(self) -> int:
        return self.case.coin_minor or self.decided.coin_minor


def _key(case: Case) -> str:
    """New each time: of two admins at once, the one who comes second must not be answered with the first's result."""
    return f"case:{case.id}:{new_id()}"


_OUTCOMES: Final[Mapping[CaseChoice, Outcome]] = {
    CaseChoice.CREDIT: _credited,
    CaseChoice.KEEP: _kept,
    CaseChoice.ASK_REST: _rest_asked,
    CaseChoice.REFUND: _refund_decided,
    CaseChoice.CLOSE: _closed,
}
