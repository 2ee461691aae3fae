"""Take a withdrawal back before it is in a batch."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from wallet_core.domain.case import CaseState
from wallet_core.domain.errors import AlreadyDone, InvariantViolated, Reason, Refused
from wallet_core.domain.kyc import GiveBackLimit, Operation
from wallet_core.domain.ledger import Posting
from wallet_core.domain.movements import withdrawal_voided
from wallet_core.domain.payout import PayoutState, Withdrawal, move_payout
from wallet_core.domain.people import Access, Caller
from wallet_core.domain.receipts import WithdrawalStep, withdrawal_message
from wallet_core.ports import Ports
from wallet_core.use_cases.codes import new_id
from wallet_core.use_cases.gate import use_case
from wallet_core.use_cases.present_receipt import own_withdrawal
from wallet_core.use_cases.refunds import refund_end
from wallet_core.use_cases.told_reviewers import told_decided


@use_case(Access.ENROLLED)
async def cancel_withdrawal(ports: Ports, caller: Caller, withdrawal_id: str) -> None:
    """Gives the held money and the day's limit back. Raises ``AlreadyDone`` with the withdrawal when it was cancelled.

    Raises ``Refused``: NOT_FOUND, NOT_YOURS, or WRONG_STATE once it is in a batch, and for one of a mass send.
    """
    withdrawal = await own_withdrawal(ports, caller, withdrawal_id)
    if withdrawal.mass_send:
        # It has no card of its own that could be pressed, and took no day's limit that could be given back.
        raise Refused(Reason.WRONG_STATE, what="withdrawals", state=withdrawal.state)
    if withdrawal.state is PayoutState.CANCELLED:
        raise AlreadyDone(withdrawal)
    if withdrawal.state not in (PayoutState.QUEUED, PayoutState.REVIEW):
        raise Refused(Reason.WRONG_STATE, what="withdrawals", state=withdrawal.state)
    check_seal(ports, withdrawal)
    if withdrawal.case:
        await ports.ledger.post(await _refund_taken_back(ports, caller, withdrawal))
        return
    posting = void_posting(caller, withdrawal, PayoutState.CANCELLED, WithdrawalStep.CANCELLED)
    if withdrawal.state is PayoutState.REVIEW:
        told = await told_decided(ports, withdrawal, caller, PayoutState.CANCELLED)
        posting = replace(posting, messages=(*posting.messages, *told))
    await ports.ledger.post(posting)


async def _refund_taken_back(ports: Ports, caller: Caller, refund: Withdrawal) -> Posting:
    """Its coins lie aside as before, and the person may name another address."""
    end = await refund_end(ports, refund, CaseState.WAITING)
    return Posting(
        f"refund_cancelled:{refund.id}:{refund.round}",
        "refund_cancelled",
        caller.name,
        changes=(move_payout(refund.id, refund.state, PayoutState.CANCELLED), *end.changes),
        messages=(withdrawal_message(refund, WithdrawalStep.CANCELLED), *end.messages),
        people=(refund.person,),
        facts={"payout": refund.id},
    )


def check_seal(ports: Ports, withdrawal: Withdrawal) -> None:
    """Raises ``InvariantViolated`` when somebody changed the terms in the database: no hold is moved by such terms."""
    if not ports.vault.mac_fits(withdrawal.terms(), withdrawal.mac):
        raise InvariantViolated(f"the terms of withdrawal {withdrawal.id} were changed")


def void_posting(
    caller: Caller, withdrawal: Withdrawal, after: PayoutState, step: WithdrawalStep, *, why: str = ""
) -> Posting:
    """The end of a withdrawal that nothing was paid for: the hold and the day's limit are given back.

    ``why`` is what an admin wrote to the person.
    """
    back = GiveBackLimit(withdrawal.person, Operation.PAYOUT, withdrawal.amount_minor, withdrawal.limit_day)
    by_admin = caller.person != withdrawal.person
    fields = {"reviewed_by": caller.person} if by_admin else {}
    # Of two admins at once, the one who comes second must not be answered with the first's result.
    again = f":{new_id()}" if by_admin else ""
    said: dict[str, Any] = {"why": why} if why else {}
    return Posting(
        f"void:{withdrawal.id}:{after}{again}",
        f"withdrawal_{after}",
        caller.name,
        entries=withdrawal_voided(withdrawal.person, withdrawal.total_minor),
        changes=(move_payout(withdrawal.id, withdrawal.state, after, **fields), back),
        messages=(withdrawal_message(withdrawal, step, **said),),
        people=(withdrawal.person,),
        facts={"intent": withdrawal.id, **said},
    )
