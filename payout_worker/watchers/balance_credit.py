"""Books the balance of an Ethereum address: an order paid in time at the locked rate, all else at its own time's."""

from __future__ import annotations

from payout_worker.ports import WorkerPorts
from payout_worker.tenure import Tenure
from payout_worker.watchers import transfers
from payout_worker.watchers.credit import post_credit, spot_minor
from payout_worker.watchers.take_back import owed_no_more
from payout_worker.watchers.too_small import is_too_small, set_aside
from wallet_core.domain.case import Case
from wallet_core.domain.crediting import Crediting
from wallet_core.domain.deposit import Deposit, deposit
from wallet_core.domain.purchase import Invoice, LateRate
from wallet_core.use_cases.cases import cases_awaiting_rest


async def credit_balance(ports: WorkerPorts, tenure: Tenure, invoice: Invoice, total_minor: int, height: int) -> bool:
    """Books all that ever came, up to ``total_minor``, of which a final block of this height tells.

    False while a late payment has no rate. What has another rate is a payment of its own at the next look.
    """
    through_minor, rate_minor, late = await _piece(ports, invoice, total_minor)
    if not rate_minor:
        return False
    cases = await cases_awaiting_rest(ports.core, invoice.id) if invoice.aside_minor else ()
    aside_minor = sum(case.coin_minor for case in cases)
    coin_minor = through_minor - invoice.booked_minor
    paid = deposit(invoice, coin_minor + aside_minor, rate_minor, late=late, aside_minor=aside_minor)
    subject = f"{invoice.id}:{invoice.generation}:{through_minor}"
    if is_too_small(ports, paid, paid.worth_minor):
        await set_aside(ports, tenure, deposit(invoice, coin_minor, rate_minor, late=late), subject)
        return True
    credited = Crediting(f"credit:{subject}", (paid,), cases=tuple(cases), txid=invoice.txid)
    over = await _repaid(ports, invoice, paid)
    await post_credit(ports, tenure, credited, *await transfers.booked(ports, invoice, height), over=over)
    return True


async def _repaid(ports: WorkerPorts, invoice: Invoice, paid: Deposit) -> list[Case]:
    """The case of what the last reversal left owed, if as much comes again."""
    owed = await owed_no_more(ports, f"{invoice.id}:{invoice.generation - 1}:{invoice.received_minor}")
    return [case for case in owed if case.facts["owed_minor"] <= paid.itd_minor]


async def _piece(ports: WorkerPorts, invoice: Invoice, total_minor: int) -> tuple[int, int, bool]:
    """Up to how many coins one rate holds, that rate, 0 if there is none now, and whether they came late."""
    booked_minor = invoice.booked_minor
    # What is on top of a whole order was counted with it.
    is_late = invoice.received_minor < invoice.coin_minor
    if invoice.timely_minor > booked_minor:
        return min(total_minor, invoice.timely_minor), invoice.rate_minor, False
    for late in invoice.late_rates:
        if late.through_minor > booked_minor:
            return min(total_minor, late.through_minor), late.rate_minor, is_late
    return total_minor, await spot_minor(ports, invoice.id), is_late


async def late_rates(ports: WorkerPorts, invoice: Invoice, timely_minor: int, total_minor: int) -> list[dict[str, int]]:
    """``Invoice.late_rates``, with the rate of now for coins that are seen late for the first time."""
    known = invoice.late_rates
    priced_minor = max(timely_minor, invoice.booked_minor, *(late.through_minor for late in known))
    rate_minor = await spot_minor(ports, invoice.id) if total_minor > priced_minor else 0
    new = (LateRate(through_minor=total_minor, rate_minor=rate_minor),) if rate_minor else ()
    return [late.model_dump() for late in (*known, *new)]
