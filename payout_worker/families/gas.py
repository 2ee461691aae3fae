"""What a transaction offers for its gas (EIP-1559), within the ceiling of the settings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from wallet_core.domain.chain import GAS_CEILING, TRANSFER_GAS, Fees
from wallet_core.domain.errors import Reason, Refused
from wallet_core.domain.money import ceil_div
from wallet_core.domain.payout import Attempt
from wallet_core.ether_settings import EtherSettings


@dataclass(frozen=True, slots=True)
class Offer:
    """The most for a unit of gas, and the tip within it, in wei."""

    max_fee_minor: int
    tip_minor: int


def offer(fees: Fees, ceiling_minor: int, *, patient: bool = False) -> Offer:
    """Room for the base fee to double, as wallets usually leave it: six full blocks in a row (EIP-1559: 1/8 each).

    Who is patient leaves room for two: of a sweep this room is what stays behind. Raises ``Refused(RAIL_OFF)`` while
    the present price is above the ceiling: payouts wait.
    """
    if fees.base_minor + fees.tip_minor > ceiling_minor:
        raise Refused(Reason.RAIL_OFF, waits_for="fees", present_minor=fees.base_minor, ceiling_minor=ceiling_minor)
    room_minor = fees.base_minor * 5 // 4 if patient else 2 * fees.base_minor
    return Offer(min(ceiling_minor, room_minor + fees.tip_minor), fees.tip_minor)


def an_eighth_more(minor: int) -> int:
    """An eighth more: nodes replace nothing by what offers less than a tenth more (geth's ``txpool.pricebump``)."""
    return ceil_div(minor * 9, 8)


def above(offered: Offer, attempts: Sequence[Attempt], ceiling_minor: int) -> Offer:
    """What takes the place of the attempts with the same nonce, as far as the ceiling allows."""
    price_minor = max([offered.max_fee_minor, *(an_eighth_more(attempt.price_minor) for attempt in attempts)])
    tip_minor = max([offered.tip_minor, *(an_eighth_more(attempt.tip_minor) for attempt in attempts)])
    price_minor = min(price_minor, ceiling_minor)
    return Offer(price_minor, min(price_minor, tip_minor))


def ceiling_for(settings: EtherSettings, gas: int = GAS_CEILING) -> int:
    """The most that is paid for a unit of gas, in wei, by a transaction that may use so much of it."""
    return min(settings.eth_max_fee_minor, settings.eth_max_batch_fee_minor // gas)


def gas_limit(estimate: int) -> int:
    """A plain transfer uses exactly 21,000; a contract may have changed by the time of the block."""
    return estimate if estimate <= TRANSFER_GAS else min(GAS_CEILING, estimate * 5 // 4)
