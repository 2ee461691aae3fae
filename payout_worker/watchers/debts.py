"""Takes what people owe out of what came to them in whatever way: nothing leaves their wallets while they owe."""

from __future__ import annotations

from typing import Final

import structlog

from payout_worker.failures import alone
from payout_worker.ports import UnitPorts
from payout_worker.tenure import Tenure
from wallet_core.domain.accounts import available
from wallet_core.domain.debt import repayment
from wallet_core.domain.errors import Reason, Refused
from wallet_core.domain.guards import Guards
from wallet_core.domain.ledger import Balance, Message
from wallet_core.ports import After

log = structlog.get_logger(__name__)

_MOST_PER_PASS: Final = 100


async def repay_debts(ports: UnitPorts, tenure: Tenure, skip: int = 0) -> int:
    """Repays as much as there is of the debts in turn; returns where the next turn begins. Any rail's unit may."""
    owing = await ports.store.find(Guards, {"debt_minor": After(0)}, limit=_MOST_PER_PASS, skip=skip)
    for guards in owing:
        async with alone(ports, "purchase", str(guards.id)):
            await _repay(ports, tenure, guards)
    return skip + _MOST_PER_PASS if len(owing) == _MOST_PER_PASS else 0


async def _repay(ports: UnitPorts, tenure: Tenure, guards: Guards) -> None:
    balance = await ports.store.get(Balance, available(guards.id).id)
    back = repayment(guards, balance.balance_minor if balance else 0)
    if not back.amount_minor:
        return
    left_minor = guards.debt_minor - back.amount_minor
    told = Message(guards.id, "debt_repaid", {"amount_minor": back.amount_minor, "debt_minor": left_minor})
    try:
        await ports.ledger.post(
            tenure.posting(
                "debt_repaid",
                str(guards.id),
                *back.changes,
                entries=back.entries,
                messages=(told,),
                people=(guards.id,),
                facts={"amount_minor": back.amount_minor, "debt_minor": left_minor},
            )
        )
    except Refused as refused:
        if refused.reason is Reason.LEASE_LOST:
            raise
        # Another rail's worker was faster, or the money moved: another look.
        log.info("repayment_waits", person=guards.id, reason=refused.reason)
    else:
        log.info("debt_repaid", person=guards.id, amount_minor=back.amount_minor, left_minor=left_minor)
