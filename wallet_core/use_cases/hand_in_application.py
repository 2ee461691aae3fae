"""Hand one's application in to be reviewed."""

from __future__ import annotations

from wallet_core.domain.errors import AlreadyDone
from wallet_core.domain.kyc_application import KycApplication, KycState
from wallet_core.domain.kyc_messages import kyc_message
from wallet_core.domain.people import Access, Caller
from wallet_core.ports import Ports
from wallet_core.use_cases.gate import use_case
from wallet_core.use_cases.kyc_applications import changing, own_application, told_to_reviewers


@use_case(Access.ENROLLED)
async def hand_in_application(ports: Ports, caller: Caller, application_id: str) -> KycApplication:
    """The reviewers are told. Raises ``AlreadyDone`` with the application when it was, ``Refused`` KYC_MISSING,
    WRONG_STATE, NOT_YOURS or NOT_FOUND.
    """
    before = await own_application(ports, caller, application_id)
    if before.state is KycState.REVIEW:
        raise AlreadyDone(before)
    after = before.handed_in()
    told = (kyc_message(after), *await told_to_reviewers(ports, after))
    await ports.ledger.post(changing(caller, "kyc_handed_in", before, after, messages=told, stamp="handed_in_at"))
    return after
