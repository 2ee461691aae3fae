"""What a node is asked about the contract that pays many at once. Amounts in wei; all methods raise ``Unavailable``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from wallet_core.domain.multi_send import MultiSend, Results


class ContractNode(Protocol):
    """A node of Ethereum, as far as it is about our contract."""

    async def has_multi_send(self, address: str, owner: str, height: int) -> bool:
        """Whether the code at an address, as of a block, is our contract's with this owner."""

    async def unpaid(self, sender: str, send: MultiSend, gas: int, price_minor: int) -> Sequence[str]:
        """Payouts of a call of the contract that it would not pay now, in order.

        Raises ``Refused(NODE_UNCLEAR)`` when the call as a whole would not go through.
        """

    async def results(self, txid: str, contract: str) -> Results | None:
        """What the contract's events in a transaction tell; None while it is in no block."""
