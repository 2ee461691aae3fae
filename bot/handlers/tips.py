"""Groups: ``/tip 5 thanks`` as a reply sends to whoever wrote the message. Everything else is said in private."""

from __future__ import annotations

from contextlib import suppress

from telegram.error import TelegramError

from bot.abroad import Tip
from bot.context import Turn
from bot.errors import told
from bot.passing import let_pass
from bot.start_links import here_link
from bot.views import confirmations, keyboards, public
from bot.views.card import Card
from wallet_core.domain.errors import AlreadyDone, Reason, Refused, WalletError
from wallet_core.use_cases.confirm_send import confirm_send
from wallet_core.use_cases.quote_send import Picked
from wallet_core.use_cases.quote_tip import quote_tip
from wallet_core.use_cases.send_offers import SendQuote


async def how(turn: Turn) -> None:
    """``/tip`` in private: says where it belongs."""
    await turn.say(public.how_to_tip(turn.words))


async def tip(turn: Turn) -> None:
    """Sends at once as far as that takes no code. What the group sees comes by the outbox, and so do the receipts."""
    try:
        await _send(turn, await _quoted(turn, _tip(turn)))
    except AlreadyDone:
        # Telegram delivered the same message twice.
        return
    except WalletError as error:
        await _tell(turn, error)


async def _send(turn: Turn, quote: SendQuote) -> None:
    try:
        await confirm_send(turn.ports, turn.caller, quote.intent.id)
    except Refused as refused:
        if refused.reason is not Reason.CODE_NEEDED:
            raise
        await _ask_to_confirm(turn, quote)


async def _quoted(turn: Turn, tip: Tip) -> SendQuote:
    if not tip.recipient:
        raise Refused(Reason.NOT_A_PERSON)
    amount, _, note = turn.text.partition(" ")
    to = Picked(tip.recipient, tip.name)
    return await quote_tip(turn.ports, turn.caller, amount, to, note, group=tip.group, message=tip.message)


async def _ask_to_confirm(turn: Turn, quote: SendQuote) -> None:
    """More than goes without a code: the card is in private, and only what comes of it is seen in the group."""
    card = confirmations.send(turn.words, quote, turn.ports.settings.itd_price_usd)
    await turn.chats.show(card, person=turn.caller.person, chat=turn.chat)
    await _point_to_private(turn)


async def _tell(turn: Turn, error: WalletError) -> None:
    """Why not, in private, if the person has such a chat; the group sees a neutral word, and the command goes away."""
    card = Card(told(turn.words, error), (keyboards.home(turn.words),) if turn.guards.enrolled else ())
    # Who never wrote to the bot, or stopped it, finds the way there below.
    with suppress(TelegramError):
        await turn.chats.show(card, person=turn.caller.person, chat=turn.chat)
    await let_pass(turn.ports, _tip(turn).group, _tip(turn).message)
    await _point_to_private(turn)


async def _point_to_private(turn: Turn) -> None:
    card, group = public.in_private(turn.words, here_link(turn.chats.bot.username)), _tip(turn).group
    shown = await turn.chats.show(card, person=turn.caller.person, chat=group)
    await let_pass(turn.ports, group, shown)


def _tip(turn: Turn) -> Tip:
    assert turn.tip is not None  # noqa: S101 - the dispatcher runs this for replies in groups alone
    return turn.tip
