"""The messages that show offers to whoever is first, in chats that the bot need not be in."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from bot.taps import tap_id
from wallet_core.domain.chat import OfferMessage
from wallet_core.domain.errors import Reason, Refused
from wallet_core.domain.inline_offer import InlineOffer
from wallet_core.ports import Store

#: Longer than anything that is held may wait: what becomes of it is still shown where it was posted.
_KEPT: Final = timedelta(days=60)


async def announce(store: Store, offer: InlineOffer) -> OfferMessage:
    """The message that an offer would be posted by, recorded before its button can be pressed."""
    message = OfferMessage(id=tap_id(), offer=offer.id, expires_at=offer.expires_at)
    await store.put(message)
    return message


async def posted(store: Store, offer_id: str, inline_message_id: str | None) -> None:
    """The offer was posted, and this is Telegram's name for the message."""
    message = await of_offer(store, offer_id)
    if message:
        await _place(store, message, inline_message_id)


async def pressed(store: Store, data: str, inline_message_id: str) -> OfferMessage:
    """The message whose button was pressed, and where it is. Raises ``Refused(NOT_FOUND)``."""
    message = await store.get(OfferMessage, data) if len(data) <= 64 else None
    if message is None:
        raise Refused(Reason.NOT_FOUND, what=OfferMessage.collection)
    await _place(store, message, inline_message_id)
    return message


async def of_offer(store: Store, offer_id: str) -> OfferMessage | None:
    """The message that shows an offer."""
    found = await store.find(OfferMessage, {"offer": offer_id}, limit=1)
    return found[0] if found else None


async def _place(store: Store, message: OfferMessage, inline_message_id: str | None) -> None:
    """The first name is kept, and no message shows two offers.

    A program of somebody's own can press with what another button carries (Bot API, CallbackQuery): it must not put
    their offer in the place of another one's. Raises ``Refused(NOT_FOUND)`` then.
    """
    if message.inline_message_id is not None or not inline_message_id:
        return
    if await store.count(OfferMessage, {"inline_message_id": inline_message_id}):
        raise Refused(Reason.NOT_FOUND, what=OfferMessage.collection)
    fields = {"inline_message_id": inline_message_id, "expires_at": await store.now() + _KEPT}
    await store.swap(OfferMessage, message.id, {"inline_message_id": None}, fields)
