"""Offer to send ITD to somebody, known here or not, or to whoever shows a link."""

from __future__ import annotations

from dataclasses import dataclass

from wallet_core.domain.mode import Doing
from wallet_core.domain.note import note_of
from wallet_core.domain.people import Access, Caller
from wallet_core.ports import Ports
from wallet_core.use_cases.gate import use_case
from wallet_core.use_cases.intents import amount_of
from wallet_core.use_cases.send_offers import Recipient, SendQuote, named, offer_send, picked
from wallet_core.use_cases.switchboard import refuse_shut


@dataclass(frozen=True, slots=True)
class Picked:
    """Somebody whom the sender chose from their contacts; Telegram tells the id, and perhaps a name."""

    id: int
    name: str = ""


@dataclass(frozen=True, slots=True)
class ByLink:
    """Whoever shows the link, once the sender has said that it is the right one."""


@use_case(Access.ENROLLED)
async def quote_send(
    ports: Ports, caller: Caller, amount_text: str, to: str | Picked | ByLink, note: str = ""
) -> SendQuote:
    """Checks everything that can be checked before asking, and moves nothing. ``to``: ``@name``, or who was picked.

    Raises ``Refused`` for what is switched off, the amount, the recipient, the note, the limit or the balance,
    LEVELS_UNSOUND, and for who owes.
    """
    await refuse_shut(ports, Doing.SEND)
    amount_minor = amount_of(amount_text, ports.settings.itd("min_send"))
    written = note_of(note)
    recipient = None if isinstance(to, ByLink) else await _recipient(ports, caller, to)
    return await offer_send(ports, caller, amount_minor, recipient, note=written)


async def _recipient(ports: Ports, caller: Caller, to: str | Picked) -> Recipient:
    return await (named(ports, caller, to) if isinstance(to, str) else picked(ports, caller, to.id, to.name))
