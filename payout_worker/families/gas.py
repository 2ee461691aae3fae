"""What a transaction offers for its gas (EIP-1559), within the ceiling of the settings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from wallet_core.domain.chain import GAS_CEILING, TRANSFER_GAS, Fees
from wallet_core.domain.errors import Reason, Refused

WEI_PER_GWEI: Final = 10**9


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


def gas_limit(estimate: int) -> int:
    """A plain transfer uses exactly 21,000; a contract may have changed by the time of the block."""
    return estimate if estimate <= TRANSFER_GAS else min(GAS_CEILING, estimate * 5 // 4)
