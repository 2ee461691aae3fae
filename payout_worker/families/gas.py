"""What a transaction offers for its gas (EIP-1559), within the ceiling of the settings."""

from __future__ import annotations

from dataclasses import dataclass

from wallet_core.domain.chain import Fees
from wallet_core.domain.errors import Reason, Refused


@dataclass(frozen=True, slots=True)
class Offer:
    """The most for a unit of gas, and the tip within it, in wei."""

    max_fee_minor: int
    tip_minor: int


def offer(fees: Fees, ceiling_minor: int) -> Offer:
    """Room for the base fee to double, as wallets usually leave it: six full blocks in a row (EIP-1559: 1/8 each).

    Raises ``Refused(RAIL_OFF)`` while the present price is above the ceiling: payouts wait.
    """
    if fees.base_minor + fees.tip_minor > ceiling_minor:
        raise Refused(Reason.RAIL_OFF, waits_for="fees", present_minor=fees.base_minor, ceiling_minor=ceiling_minor)
    return Offer(min(ceiling_minor, 2 * fees.base_minor + fees.tip_minor), fees.tip_minor)
