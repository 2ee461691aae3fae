"""An order, and what must have become of it, reckoned from the chain alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from tests.faults.purchases.arrived import Came
from tests.faults.world import ITD, RATE_MINOR
from wallet_core.domain.case import CaseChoice
from wallet_core.domain.kyc import LEVELS, Operation
from wallet_core.domain.money import Asset, one_coin_minor
from wallet_core.domain.payout import Withdrawal
from wallet_core.domain.purchase import Invoice, InvoiceState

#: What a whole coin costs now; orders have their rate from before. So it is seen which of the two a payment got.
SPOT_USD: Final = 5_000
_SPOT_MINOR: Final = SPOT_USD * ITD
#: Worth 0.8 ITD at the rate of the order: less than the least that is credited.
DUST_MINOR: Final = {Asset.BTC: 32_000, Asset.LTC: 32_000, Asset.ETH: 32 * 10**13}
_LEAST_MINOR: Final = ITD
#: Of what a payment is worth a hundred parts are bought, and one more is the fee.
_BOUGHT: Final = 100
#: A satoshi is worth this much, and an order's coins are rounded to one; each payment is rounded down.
ROUNDING_MINOR: Final = 100


@dataclass
class Order:
    """Somebody's order, how it is to end, and what was done about it beside paying."""

    ending: str
    invoice: Invoice
    level: int = 3
    #: The time to pay was over before the first payment, or ended after it.
    late: bool = False
    expired_afterwards: bool = False
    choice: CaseChoice | None = None
    refund: Withdrawal | None = None
    #: ITD that left the person's wallet afterwards.
    spent_minor: int = 0

    @property
    def person(self) -> int:
        """Who ordered; nothing else ever happens to them."""
        return self.invoice.person

    @property
    def has_lapsed(self) -> bool:
        """Whether its time to pay is over."""
        return self.late or self.expired_afterwards


@dataclass(frozen=True)
class Outcome:
    """What must have become of an order: amounts in minor units, of ITD but for ``aside_minor``."""

    state: InvoiceState
    itd_minor: int
    held_minor: int
    #: Coins for which no rule decided.
    aside_minor: int
    #: What of its day's limit is taken.
    taken_minor: int
    count: int


def outcome_of(order: Order, came: Came) -> Outcome:
    """By what is in the chain, and by what the desk decided."""
    coin_minor, invoice = came.total_minor, order.invoice
    at_spot = order.late or order.choice is CaseChoice.CREDIT
    # What is paid above the order was promised no rate.
    ordered_minor = 0 if at_spot else min(coin_minor, invoice.coin_minor)
    valued_minor = ordered_minor * RATE_MINOR + (coin_minor - ordered_minor) * _SPOT_MINOR
    worth_minor = valued_minor // one_coin_minor(invoice.asset)
    lies_aside = worth_minor < _LEAST_MINOR or order.choice in (CaseChoice.KEEP, CaseChoice.REFUND)
    if not coin_minor or lies_aside:
        state = InvoiceState.EXPIRED if order.has_lapsed else InvoiceState.OPEN
        taken_minor = 0 if order.has_lapsed else invoice.amount_minor
        return Outcome(state, 0, 0, coin_minor, taken_minor, 0 if order.has_lapsed else 1)
    itd_minor = worth_minor * _BOUGHT // (_BOUGHT + 1)
    taken_minor = itd_minor if order.has_lapsed else max(invoice.amount_minor, itd_minor)
    held_minor = 0
    if taken_minor > LEVELS[order.level][Operation.PURCHASE].amount_minor:
        held_minor, taken_minor = itd_minor - invoice.amount_minor, invoice.amount_minor
    return Outcome(InvoiceState.CREDITED, itd_minor, held_minor, 0, taken_minor, 1)
