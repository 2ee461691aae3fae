"""Inline mode: ``@bot 5 ITD lunch`` in any chat gives so much to whoever presses first; typing holds nothing."""

from __future__ import annotations

from bot import offer_messages
from bot.abroad import Inline
from bot.actions import Action, Question
from bot.context import Turn
from bot.errors import told
from bot.start_links import HERE_PARAMETER, OFFER, start_link
from bot.views import claims, keyboards, messages, public
from bot.views import offers as views
from bot.views.card import Card
from bot.views.words import plain_text
from wallet_core.domain.claimable import Claimable, claimable_facts
from wallet_core.domain.errors import AlreadyDone, Reason, Refused, WalletError
from wallet_core.domain.inline_offer import InlineOffer
from wallet_core.domain.money import Asset
from wallet_core.use_cases.claim_offer import claim_offer
from wallet_core.use_cases.drop_offer import drop_offer
from wallet_core.use_cases.post_offer import post_offer
from wallet_core.use_cases.suggest_offer import suggest_offer


async def typed(turn: Turn) -> None:
    """Somebody types: what they could post, or, for their eyes alone, why not."""
    words, query, bot = turn.words, _inline(turn).query, turn.chats.bot
    amount, _, note = turn.text.partition(" ")
    try:
        offer = await suggest_offer(turn.ports, turn.caller, amount, _without_asset(note))
    except Refused as refused:
        if refused.reason is Reason.ENROL_FIRST:
            await turn.chats.suggest(query, opens=(views.enrol(words), HERE_PARAMETER))
        elif not turn.text:
            await turn.chats.suggest(query, opens=(views.write_amount(words), HERE_PARAMETER))
        else:
            await turn.chats.suggest(query, views.cannot(words, refused, bot.username))
    else:
        message = await offer_messages.announce(turn.ports.store, offer)
        await turn.chats.suggest(query, views.offer(words, offer, _name(turn)), message.id)


async def chosen(turn: Turn) -> None:
    """It was posted: now it is debited; where that takes a code, the sender is asked for it in private."""
    inline = _inline(turn)
    if inline.about == views.NO_OFFER:
        return
    await offer_messages.posted(turn.ports.store, inline.about, inline.message)
    try:
        await _post(turn, inline.about)
    except AlreadyDone:
        return
    except WalletError as error:
        await _withdrawn(turn, inline.about)
        await turn.show(Card(told(turn.words, error), (keyboards.home(turn.words),)), fresh=True)


async def pressed(turn: Turn) -> None:
    """Somebody presses the button of what was posted; the sender, and who is new, are led to the private chat."""
    inline, store = _inline(turn), turn.ports.store
    about = ""
    try:
        message = await offer_messages.pressed(store, inline.about, inline.message or "")
        about = message.offer
        await claim_offer(turn.ports, turn.caller, about)
        turn.toast = views.claimed(turn.words)
    except AlreadyDone:
        turn.toast = views.claimed(turn.words)
    except Refused as refused:
        if about and refused.reason in (Reason.ENROL_FIRST, Reason.RECIPIENT_IS_SELF):
            turn.opens = start_link(turn.chats.bot.username, OFFER, about)
        else:
            turn.toast, turn.alert = plain_text(views.refused(turn.words, refused)), True
        if refused.facts.get("what") == InlineOffer.collection:
            # Nothing was held in time, and nothing will be. What is held and over comes back by the worker.
            await turn.chats.show_inline(inline.message or "", public.too_late(turn.words))


async def by_link(turn: Turn, offer_id: str) -> None:
    """Whoever pressed and had to come here first claims it, if nobody was faster; its sender may take it back."""
    try:
        await claim_offer(turn.ports, turn.caller, offer_id)
    except AlreadyDone as done:
        await turn.show(claims.asked(turn.words, _held(done)))
    except Refused as refused:
        if refused.reason is Reason.RECIPIENT_IS_SELF:
            await _own(turn, offer_id)
            return
        await turn.show(Card(views.refused(turn.words, refused), (keyboards.home(turn.words),)))


async def code(turn: Turn) -> None:
    """The sender's code: now it is held, and the message in the chat gets its button."""
    await post_offer(turn.ports, turn.caller, turn.argument, turn.text)


async def cancel(turn: Turn) -> None:
    """The sender does not confirm it: nobody can claim it."""
    await turn.forget_question()
    try:
        await drop_offer(turn.ports, turn.caller, turn.argument)
    except AlreadyDone as done:
        await turn.show(claims.sent(turn.words, claimable_facts(_held(done))), fresh=True)
        return
    await _withdrawn(turn, turn.argument)
    await turn.show(messages.question_cancelled(turn.words), fresh=True)


async def _own(turn: Turn, offer_id: str) -> None:
    """The sender's own offer: the way to take it back, or to confirm it."""
    try:
        await _post(turn, offer_id)
    except AlreadyDone as done:
        await turn.show(claims.sent(turn.words, claimable_facts(_held(done))))


async def _post(turn: Turn, offer_id: str) -> None:
    """Holds it, or asks for the code. Raises what ``post_offer`` raises otherwise."""
    try:
        await post_offer(turn.ports, turn.caller, offer_id)
    except Refused as refused:
        if refused.reason is not Reason.CODE_NEEDED:
            raise
        await _ask_code(turn, offer_id, refused)


async def _ask_code(turn: Turn, offer_id: str, refused: Refused) -> None:
    """What was posted says that it is to be confirmed first; its button stays, and tells the same."""
    amount_minor, message = refused.facts["amount_minor"], await offer_messages.of_offer(turn.ports.store, offer_id)
    if message and message.inline_message_id:
        text = public.offered(turn.words, _name(turn), amount_minor, refused.facts["note"], takes_code=True)
        await turn.chats.show_inline(message.inline_message_id, text, views.claim_label(turn.words), message.id)
    purpose = views.to_offer(turn.words, amount_minor)
    await turn.ask_code(Question.OFFER_CODE, purpose, offer_id, cancel=Action.OFFER_CANCEL)


async def _withdrawn(turn: Turn, offer_id: str) -> None:
    """What was posted says that nothing comes of it."""
    message = await offer_messages.of_offer(turn.ports.store, offer_id)
    if message and message.inline_message_id:
        await turn.chats.show_inline(message.inline_message_id, public.not_given(turn.words, _name(turn)))


def _without_asset(note: str) -> str:
    """``5 ITD lunch`` and ``5 lunch`` are the same."""
    first, _, rest = note.strip().partition(" ")
    return rest if first.upper() == Asset.ITD else note


def _held(done: AlreadyDone) -> Claimable:
    if not isinstance(done.result, Claimable):
        raise done
    return done.result


def _name(turn: Turn) -> str:
    return turn.person.display_name if turn.person else str(turn.caller.person)


def _inline(turn: Turn) -> Inline:
    assert turn.inline is not None  # noqa: S101 - the dispatcher runs these for updates of inline mode alone
    return turn.inline
