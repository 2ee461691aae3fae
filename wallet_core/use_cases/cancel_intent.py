"""Cancel what was offered before it is confirmed."""

from __future__ import annotations

from wallet_core.domain.intent import IntentState, cancelled
from wallet_core.domain.ledger import Posting
from wallet_core.domain.people import Access, Caller
from wallet_core.ports import Ports
from wallet_core.use_cases.gate import use_case
from wallet_core.use_cases.intents import own_intent


@use_case(Access.ENROLLED)
async def cancel_intent(ports: Ports, caller: Caller, intent_id: str) -> None:
    """Ends the offer; cancelling twice is the same.

    Raises ``Refused`` NOT_FOUND, NOT_YOURS, or WRONG_STATE once it was confirmed.
    """
    intent = await own_intent(ports, caller, intent_id)
    if intent.state is IntentState.CANCELLED:
        return
    posting = Posting(
        f"intent_cancelled:{intent.id}",
        f"{intent.kind}_not_wanted",
        caller.name,
        changes=(cancelled(intent.id),),
        facts={"intent": intent.id},
    )
    await ports.ledger.post(posting)
