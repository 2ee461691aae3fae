"""Offer to send ITD to the person whose message in a group is replied to."""

from __future__ import annotations

import dataclasses
from typing import Final

from wallet_core.domain.errors import AlreadyDone
from wallet_core.domain.intent import Intent, IntentState
from wallet_core.domain.note import note_of
from wallet_core.domain.people import Access, Caller
from wallet_core.ports import Ports
from wallet_core.use_cases.gate import use_case
from wallet_core.use_cases.intents import amount_of
from wallet_core.use_cases.quote_send import Picked
from wallet_core.use_cases.send_offers import AskedIn, SendQuote, offer_send, picked

#: 128 bits in hex, as ids have that are random.
_ID_LENGTH: Final = 32


@use_case(Access.ENROLLED)
async def quote_tip(
    ports: Ports, caller: Caller, amount_text: str, to: Picked, note: str, *, group: int, message: int
) -> SendQuote:
    """Checks everything that can be checked before asking, and moves nothing; see ``quote_send``.

    A message asks for one send, however often Telegram delivers it: ``group`` and ``message`` are its numbers there.
    Raises ``AlreadyDone`` with the intent once that was confirmed, and what ``quote_send`` raises.
    """
    intent_id = ports.vault.mac(f"tip {group} {message}".encode())[:_ID_LENGTH]
    before = await ports.store.get(Intent, intent_id)
    if before is not None and before.state is not IntentState.OPEN:
        raise AlreadyDone(before)
    amount_minor = amount_of(amount_text, ports.settings.itd("min_send"))
    recipient = await picked(ports, caller, to.id, to.name)
    asked_in = AskedIn(group, intent_id)
    quote = await offer_send(ports, caller, amount_minor, recipient, note=note_of(note), asked_in=asked_in)
    return quote if before is None else dataclasses.replace(quote, intent=before)
