"""Many payouts in one call of our contract: whether it may be used, and what a call is made of. Amounts in wei."""

from __future__ import annotations

from collections.abc import Sequence

from payout_worker.families.family import Refusing
from payout_worker.ports import NonceNode, RailPorts
from payout_worker.steps.raise_alarm import raise_alarm
from payout_worker.tenure import Tenure
from wallet_core.domain.multi_send import MultiSend, Payment, most_gas
from wallet_core.domain.payout import Withdrawal

Ports = RailPorts[NonceNode]


async def contract_of(ports: Ports, tenure: Tenure) -> str:
    """The contract that pays many at once; empty where there is none, or another than ours: then each goes by itself.

    It is looked at in a final block: one that a reorganisation could take away would leave the coins with nobody.
    """
    contract = ports.settings.eth_multisend_address
    if not contract:
        return ""
    final = max(0, (await ports.node.heights()).final(ports.final_depth))
    if await ports.node.has_multi_send(contract, ports.signer.address, final):
        return contract
    await raise_alarm(ports, tenure, "contract_refused", contract, freeze=False, daily=True)
    return ""


def call_of(contract: str, batch: str, payouts: Sequence[Withdrawal]) -> MultiSend:
    """The call that pays a batch."""
    return MultiSend(contract, batch, tuple(Payment(p.id, p.address, p.coin_minor) for p in payouts))


async def refusing(ports: Ports, call: MultiSend, payouts: Sequence[Withdrawal], price_minor: int) -> Refusing | None:
    """Payouts whose addresses would take nothing, as a simulation of the whole call shows; None when all would.

    Raises ``Refused(NODE_UNCLEAR)``.
    """
    unpaid = await ports.node.unpaid(ports.signer.address, call, most_gas(len(payouts)), price_minor)
    if not unpaid:
        return None
    return Refusing(tuple(payout for payout in payouts if payout.id in unpaid), in_company=True)
