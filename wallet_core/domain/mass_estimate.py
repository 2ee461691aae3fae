"""About how long a mass send takes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from wallet_core.domain.mass_send import Total
from wallet_core.domain.money import Asset, ceil_div

#: A careful guess of what one worker pays in a second, to people.
_ROWS_PER_SECOND: Final = 500
#: Seconds between two blocks.
_BLOCK_SECONDS: Final = {Asset.BTC: 600, Asset.LTC: 150, Asset.ETH: 12}


def estimated_seconds(
    totals: Iterable[Total], confirmations: Mapping[Asset, int], per_block: Mapping[Asset, int]
) -> int:
    """About how long all of it takes: people at the ledger's pace, addresses at that of the slowest chain.

    ``confirmations`` are those after which a payout is settled, ``per_block`` how many payouts fit into one block.
    """
    longest = 0
    for total in totals:
        if total.asset is Asset.ITD:
            seconds = ceil_div(total.rows, _ROWS_PER_SECOND)
        else:
            blocks = ceil_div(total.rows, per_block[total.asset]) + confirmations[total.asset]
            seconds = blocks * _BLOCK_SECONDS[total.asset]
        longest = max(longest, seconds)
    return longest
