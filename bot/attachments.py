"""Files that go with a message of the outbox: what is too large for its facts is read when it is sent."""

from __future__ import annotations

from bot.views import mass_sends
from bot.views.card import Card
from bot.views.words import Words
from wallet_core.domain.chat import OutboxMessage
from wallet_core.domain.errors import Refused
from wallet_core.domain.mass_send import MassState
from wallet_core.domain.people import Caller
from wallet_core.ports import Ports
from wallet_core.use_cases.mass_send_result import mass_send_result
from wallet_core.use_cases.show_mass_send import show_mass_send


async def attachment(ports: Ports, words: Words, message: OutboxMessage) -> Card | None:
    """The table with each line's outcome, once a mass send is done; nothing to one who may not see it any more."""
    if message.template != "mass_send" or message.facts.get("state") != MassState.DONE:
        return None
    try:
        return await result_of(ports, words, Caller(message.person), str(message.facts["id"]))
    except Refused:
        return None


async def result_of(ports: Ports, words: Words, caller: Caller, mass_send_id: str) -> Card:
    """The outcome of each line so far, as a file. Raises ``Refused`` NOT_ALLOWED or NOT_FOUND."""
    view = await show_mass_send(ports, caller, mass_send_id)
    pieces = [piece async for piece in await mass_send_result(ports, caller, mass_send_id)]
    return mass_sends.result(words, view.send, b"".join(pieces))
