"""Approve an application: with the approval that is still needed, the level goes up in the same posting."""

from __future__ import annotations

from wallet_core.domain.errors import InvariantViolated
from wallet_core.domain.guards import Guards
from wallet_core.domain.kyc import level_set
from wallet_core.domain.kyc_application import KycApplication, KycState
from wallet_core.domain.kyc_messages import kyc_message
from wallet_core.domain.ledger import Posting
from wallet_core.domain.people import Access, Caller, access_of
from wallet_core.ports import Ports
from wallet_core.use_cases.admins import role_of
from wallet_core.use_cases.codes import post_with_code
from wallet_core.use_cases.gate import use_case
from wallet_core.use_cases.kyc_applications import REVIEWS, changing, may_review, reviewed_by, told_to_reviewers


@use_case(Access.FINANCE)
async def approve_application(ports: Ports, caller: Caller, application_id: str, code: str) -> KycApplication:
    """With the reviewer's own code. Level 3 waits in REVIEW for a second one, who looks and approves as well.

    Raises ``Refused``: NOT_ALLOWED for one's own, NOT_CLAIMED, NOT_LOOKED unless the caller has looked at every
    document, SECOND_REVIEWER for who approved it already, WRONG_STATE, NOT_FOUND, CHANGED_MEANWHILE when the person's
    level is another one by now, or what is wrong with the code.
    """
    before = await _before(ports, caller, application_id)
    mac = ports.vault.mac(before.approval_terms(caller.person))
    after = before.approved(caller.person, await ports.store.now(), mac)
    approves = _raising if after.state is KycState.APPROVED else _first
    await post_with_code(ports, caller, code, await approves(ports, caller, before, after))
    return after


async def _before(ports: Ports, caller: Caller, application_id: str) -> KycApplication:
    """The application with those approvals that count: a reviewer may have lost the role since.

    Raises ``InvariantViolated`` for one that nobody gave, or gave to other documents.
    """
    application = await reviewed_by(ports, caller, application_id)
    still = []
    for approval in application.approvals:
        if not ports.vault.mac_fits(application.approval_terms(approval.by), approval.mac):
            raise InvariantViolated(f"an approval of application {application.id} was not given like that")
        guards = await ports.store.get(Guards, approval.by)
        if guards and access_of(await role_of(ports, guards)) >= REVIEWS:
            still.append(approval)
    return application.model_copy(update={"approvals": tuple(still)})


async def _raising(ports: Ports, caller: Caller, before: KycApplication, after: KycApplication) -> Posting:
    others = (change for one in before.approvals for change in may_review(ports, Caller(one.by)))
    return changing(
        caller,
        "kyc_approved",
        before,
        after,
        changes=(*may_review(ports, caller), *others, level_set(before.person, before.level, before.level - 1)),
        messages=(kyc_message(after, news=True), *await told_to_reviewers(ports, after)),
        stamp="ended_at",
        person=before.person,
        level=before.level,
    )


async def _first(ports: Ports, caller: Caller, before: KycApplication, after: KycApplication) -> Posting:
    told = await told_to_reviewers(ports, after)
    return changing(
        caller, "kyc_approved_once", before, after, changes=may_review(ports, caller), messages=told, level=before.level
    )
