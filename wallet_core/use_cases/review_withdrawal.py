"""Decide about a withdrawal that the policies put up for review."""

from __future__ import annotations

from datetime import datetime

from wallet_core.domain.errors import AlreadyDone, Reason, Refused
from wallet_core.domain.guards import if_allowed
from wallet_core.domain.ledger import Posting
from wallet_core.domain.payout import PayoutState, Withdrawal, move_payout
from wallet_core.domain.people import Access, Caller
from wallet_core.domain.receipts import WithdrawalStep, withdrawal_message
from wallet_core.ports import Ports
from wallet_core.use_cases.cancel_withdrawal import check_seal, void_posting
from wallet_core.use_cases.codes import new_id, post_with_code
from wallet_core.use_cases.gate import use_case
from wallet_core.use_cases.queue_place import QueuePlace, queue_place
from wallet_core.use_cases.request_withdrawal import quote_time


@use_case(Access.FINANCE)
async def review_withdrawal(ports: Ports, caller: Caller, withdrawal_id: str, approve: bool, code: str) -> None:
    """Queues the payout or gives the money back, with the admin's own code.

    Raises ``AlreadyDone`` with the withdrawal when it was decided before, and ``Refused``: NOT_FOUND, NOT_ALLOWED for
    one's own withdrawal, or what is wrong with the code.
    """
    withdrawal = await ports.store.get(Withdrawal, withdrawal_id)
    if withdrawal is None:
        raise Refused(Reason.NOT_FOUND, what="withdrawal")
    if withdrawal.person == caller.person:
        raise Refused(Reason.NOT_ALLOWED)
    if withdrawal.state is not PayoutState.REVIEW:
        raise AlreadyDone(withdrawal)
    check_seal(ports, withdrawal)
    posting = (
        _approval(caller, withdrawal, await ports.store.now() + quote_time(ports), await queue_place(ports, withdrawal))
        if approve
        else void_posting(caller, withdrawal, PayoutState.REFUSED, WithdrawalStep.REFUSED)
    )
    await post_with_code(ports, caller, code, posting)


def _approval(caller: Caller, withdrawal: Withdrawal, quoted_until: datetime, at: QueuePlace) -> Posting:
    """The reviewer has seen the coins that were promised: the quote holds anew, or it would come back to review."""
    # The key is new each time, because a payout can come to review again; the move itself happens once.
    fields = {"reviewed_by": caller.person, "quoted_until": max(quoted_until, withdrawal.quoted_until)}
    queued = move_payout(withdrawal.id, PayoutState.REVIEW, PayoutState.QUEUED, **fields)
    return Posting(
        f"approved:{withdrawal.id}:{new_id()}",
        "withdrawal_approved",
        caller.name,
        changes=(if_allowed(caller.person, Access.FINANCE), queued),
        messages=(withdrawal_message(withdrawal, WithdrawalStep.QUEUED, place=at.place, length=at.length),),
        people=(withdrawal.person,),
        facts={"intent": withdrawal.id},
    )
