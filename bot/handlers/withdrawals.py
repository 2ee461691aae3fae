"""/withdrawals: what is under way, and each one's receipt as it is now."""

from __future__ import annotations

from typing import Final

from bot.context import Turn
from bot.views import withdrawals as views
from bot.views.receipts import receipt
from wallet_core.domain.ledger import Message
from wallet_core.use_cases.show_withdrawal import show_withdrawal
from wallet_core.use_cases.show_withdrawals import show_withdrawals

#: How often a receipt is looked at again, because its withdrawal moved on while it was shown.
_LOOKS: Final = 4


async def withdrawals(turn: Turn) -> None:
    """Shows a page of the withdrawals under way."""
    await turn.show(views.under_way(turn.words, await show_withdrawals(turn.ports, turn.caller, turn.page)))


async def one(turn: Turn) -> None:
    """Brings a receipt down to where the person reads: there is one message for it, so the old one goes."""
    message = await show_withdrawal(turn.ports, turn.caller, turn.argument)
    if message.thread:
        await turn.chats.delete_thread(message.thread)
    await _show(turn, message, fresh=True)


async def refresh(turn: Turn) -> None:
    """Shows the receipt in its place as it is now."""
    await _show(turn, await show_withdrawal(turn.ports, turn.caller, turn.argument))
    turn.toast = views.refreshed(turn.words)


async def _show(turn: Turn, message: Message, *, fresh: bool = False) -> None:
    """Until what was read is still so after it was shown: the outbox may have told of a later step in between."""
    for _ in range(_LOOKS):
        card = receipt(turn.words, message, networks=turn.ports.settings.networks)
        await turn.show(card, fresh=fresh)
        shown, message = message, await show_withdrawal(turn.ports, turn.caller, message.facts["id"])
        if message == shown:
            return
