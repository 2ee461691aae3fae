"""A large withdrawal that waits for review: once two admins agree, it is queued."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from wallet_core.domain.approval import Approval
from wallet_core.domain.changes import Require
from wallet_core.domain.errors import Reason, Refused
from wallet_core.domain.journal import milliseconds
from wallet_core.domain.ledger import Posting
from wallet_core.domain.payout import PayoutState, Withdrawal
from wallet_core.domain.people import Access, Caller, Person
from wallet_core.ports import Ports
from wallet_core.use_cases.approving.carried import Carried, said
from wallet_core.use_cases.reviews import approved_posting, reviewed


def wanted_withdrawal(withdrawal: Withdrawal) -> dict[str, Any]:
    """What an approval says of it: void as soon as its terms change, or it was quoted anew."""
    return {"withdrawal": withdrawal.id, "terms": withdrawal.mac, "quoted_until": milliseconds(withdrawal.quoted_until)}


async def _queue(ports: Ports, caller: Caller, approval: Approval) -> Posting:
    wanted = said(approval)
    withdrawal = await reviewed(ports, caller, wanted["withdrawal"])
    if withdrawal.state is not PayoutState.REVIEW or wanted_withdrawal(withdrawal) != wanted:
        raise Refused(Reason.CHANGED_MEANWHILE, what=Withdrawal.collection)
    same = Require(Withdrawal, withdrawal.id, {"mac": withdrawal.mac, "quoted_until": withdrawal.quoted_until})
    posting = await approved_posting(ports, caller, withdrawal)
    return replace(
        posting,
        changes=(same, *posting.changes),
        facts={**posting.facts, "approval": approval.id, "asked_by": approval.asked_by},
    )


async def _facts(ports: Ports, approval: Approval) -> Mapping[str, Any]:
    found = await ports.store.get(Withdrawal, approval.subject)
    if found is None:
        return {}
    shown = found.document()
    names = ("person", "asset", "address", "amount_minor", "fee_minor", "coin_minor", "decision")
    known = await ports.store.get(Person, found.person)
    told = {"id": found.id, "name": known.display_name if known else None}
    return {"withdrawal": told | {name: shown[name] for name in names}}


WITHDRAWAL: Final = Carried(asks=Access.FINANCE, approves=Access.FINANCE, approved=_queue, facts=_facts)
