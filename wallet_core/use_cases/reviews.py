"""What deciding about a withdrawal in review shares, whether one admin decides or two."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from wallet_core.domain.approval import Approval, ApprovalKind, ApprovalState
from wallet_core.domain.errors import Reason, Refused
from wallet_core.domain.ledger import Posting
from wallet_core.domain.payout import PayoutState, Withdrawal, move_payout
from wallet_core.domain.people import Caller
from wallet_core.domain.receipts import WithdrawalStep, withdrawal_message
from wallet_core.ports import After, Ports
from wallet_core.use_cases.cancel_withdrawal import check_seal, void_posting
from wallet_core.use_cases.codes import new_id
from wallet_core.use_cases.queue_place import queue_place
from wallet_core.use_cases.request_withdrawal import quote_time
from wallet_core.use_cases.told_reviewers import told_decided

_LONGEST_REASON: Final = 200


async def reviewed(ports: Ports, caller: Caller, withdrawal_id: str) -> Withdrawal:
    """The withdrawal, for a reviewer. Raises ``Refused``: NOT_FOUND, NOT_ALLOWED for one's own."""
    withdrawal = await ports.store.get(Withdrawal, withdrawal_id)
    if withdrawal is None:
        raise Refused(Reason.NOT_FOUND, what="withdrawal")
    if withdrawal.person == caller.person:
        raise Refused(Reason.NOT_ALLOWED)
    check_seal(ports, withdrawal)
    return withdrawal


async def approved_posting(ports: Ports, caller: Caller, withdrawal: Withdrawal) -> Posting:
    """The reviewer has seen the coins that were promised: the quote holds anew, or it would come back to review."""
    at, until = await queue_place(ports, withdrawal), await ports.store.now() + quote_time(ports)
    # The key is new each time, because a payout can come to review again; the move itself happens once.
    fields = {"reviewed_by": caller.person, "quoted_until": max(until, withdrawal.quoted_until)}
    return Posting(
        f"approved:{withdrawal.id}:{new_id()}",
        "withdrawal_approved",
        caller.name,
        changes=(move_payout(withdrawal.id, PayoutState.REVIEW, PayoutState.QUEUED, **fields),),
        messages=(
            withdrawal_message(withdrawal, WithdrawalStep.QUEUED, place=at.place, length=at.length),
            *await told_decided(ports, withdrawal, caller, PayoutState.QUEUED),
        ),
        people=(withdrawal.person,),
        facts={"intent": withdrawal.id},
    )


async def refused_posting(ports: Ports, caller: Caller, withdrawal: Withdrawal, why: str) -> Posting:
    """The money goes back, and the person reads ``why``."""
    said = why.strip()[:_LONGEST_REASON]
    posting = void_posting(caller, withdrawal, PayoutState.REFUSED, WithdrawalStep.REFUSED, why=said)
    told = await told_decided(ports, withdrawal, caller, PayoutState.REFUSED, why=said)
    return replace(posting, messages=(*posting.messages, *told))


async def waiting_approvals(ports: Ports, withdrawal: Withdrawal, caller: Caller) -> list[Approval]:
    """What admins asked about it and nobody has answered: first what the caller may answer, for two may ask at once."""
    waits = {"state": ApprovalState.ASKED, "kind": ApprovalKind.WITHDRAWAL, "subject": withdrawal.id}
    found = await ports.store.find(Approval, {**waits, "expires_at": After(await ports.store.now())})
    return sorted(found, key=lambda one: one.asked_by == caller.person)
