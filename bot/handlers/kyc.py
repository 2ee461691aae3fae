"""/kyc: the level, and the way to the next one, a document at a time."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Final

from bot.actions import Question
from bot.context import SentFile, Turn
from bot.shown_documents import note_shown, take_away
from bot.views import kyc as views
from bot.views import money
from wallet_core.domain.errors import AlreadyDone
from wallet_core.domain.kyc_application import KycApplication
from wallet_core.domain.kyc_document import MAX_DOCUMENT_BYTES, Part, check_size
from wallet_core.domain.kyc_messages import kyc_facts, kyc_thread
from wallet_core.use_cases.apply_for_level import apply_for_level
from wallet_core.use_cases.begin_part_anew import begin_part_anew
from wallet_core.use_cases.cancel_application import cancel_application
from wallet_core.use_cases.finish_part import finish_part
from wallet_core.use_cases.hand_in_application import hand_in_application
from wallet_core.use_cases.send_kyc_file import send_kyc_file
from wallet_core.use_cases.send_kyc_text import send_kyc_text
from wallet_core.use_cases.share_contact import share_contact
from wallet_core.use_cases.show_application import show_application
from wallet_core.use_cases.show_limits import show_limits

#: Papers have to be found first. Later, “Continue” goes on where it was.
_LIFETIME: Final = timedelta(hours=1)
#: So many files are in this process's memory at once, however many people send one; the others wait.
_AT_ONCE: Final = asyncio.Semaphore(8)


async def levels(turn: Turn) -> None:
    """Shows the level, what the next one gives and wants, and how far an application is."""
    card = money.levels(turn.words, await show_limits(turn.ports, turn.caller))
    await turn.show(views.with_application(turn.words, card, await show_application(turn.ports, turn.caller)))


async def apply(turn: Turn) -> None:
    """Begins an application or goes on with it: its card comes below everything, and the next part is waited for."""
    application = await apply_for_level(turn.ports, turn.caller)
    await turn.chats.delete_thread(kyc_thread(application.id))
    await turn.show(views.card(turn.words, kyc_facts(application)), fresh=True)
    await _wait(turn, application)


async def part(turn: Turn) -> None:
    """Something was sent for the part that is asked for, or a picture, a file or the own contact came by itself.

    It is deleted here once it was taken.
    """
    latest = (await show_application(turn.ports, turn.caller)).latest
    if latest is None or latest.asks is None:
        await turn.show(views.nothing_waits(turn.words))
        return
    try:
        application = await _take(turn, latest, latest.asks)
    except AlreadyDone as done:
        application = done.result
    await _put_away(turn, application.id)
    if latest.asks is Part.CONTACT:
        await _end_sharing(turn)
    await _wait(turn, application)


async def finish(turn: Turn) -> None:
    """Nothing more comes for this part."""
    application, part_of = turn.argument.split()
    await _wait(turn, await finish_part(turn.ports, turn.caller, application, Part(part_of)))


async def anew(turn: Turn) -> None:
    """Other documents come for this part."""
    application, part_of = turn.argument.split()
    await _wait(turn, await begin_part_anew(turn.ports, turn.caller, application, Part(part_of)))


async def hand_in(turn: Turn) -> None:
    """To the reviewers; the card tells in its own place."""
    await hand_in_application(turn.ports, turn.caller, turn.argument)


async def give_up(turn: Turn) -> None:
    """Asks before it is taken back."""
    await turn.show(views.give_up(turn.words, turn.argument), fresh=True)


async def cancel(turn: Turn) -> None:
    """Takes it back."""
    application = await cancel_application(turn.ports, turn.caller, turn.argument)
    await turn.forget_question()
    await turn.chats.delete(turn.chat, turn.message_id)
    if Part.CONTACT not in application.done:
        await turn.show(views.sharing_ended(turn.words), fresh=True)


async def _take(turn: Turn, application: KycApplication, asked: Part) -> KycApplication:
    ports, caller, message_id = turn.ports, turn.caller, turn.message_id or 0
    if asked is Part.CONTACT and turn.telephone:
        telephone = turn.telephone
        return await share_contact(
            ports, caller, application.id, turn.contact, telephone=telephone, message_id=message_id
        )
    if turn.file:
        return await _take_file(turn, turn.file, application, asked)
    return await send_kyc_text(ports, caller, application.id, asked, turn.text, message_id=message_id)


async def _put_away(turn: Turn, application: str) -> None:
    """Deletes the message with the document; noted first, so that it goes away later where it cannot now."""
    message_id, now = turn.message_id or 0, await turn.ports.store.now()
    noted = await note_shown(turn.ports, application=application, chat=turn.chat, message_id=message_id, until=now)
    await take_away(turn.ports, turn.chats, {"_id": noted})


async def _take_file(turn: Turn, file: SentFile, application: KycApplication, asked: Part) -> KycApplication:
    check_size(file.size_bytes)
    async with _AT_ONCE:
        return await send_kyc_file(
            turn.ports,
            turn.caller,
            application.id,
            asked,
            await turn.chats.download(file.id, MAX_DOCUMENT_BYTES),
            message_id=turn.message_id or 0,
            is_picture=file.is_picture,
        )


async def _wait(turn: Turn, application: KycApplication) -> None:
    """Waits for what is asked next, also through a restart; the application itself says what that is."""
    if application.asks is None:
        return
    message_id = None
    if application.asks is Part.CONTACT:
        card = views.share_contact(turn.words)
        message_id = await turn.chats.show(card, person=turn.caller.person, chat=turn.chat)
    await turn.wait_for(Question.KYC_PART, application.id, message_id=message_id, lifetime=_LIFETIME)


async def _end_sharing(turn: Turn) -> None:
    """Takes the button below the input field away, and the message that brought it."""
    await turn.chats.delete(turn.chat, turn.draft.message_id if turn.draft else None)
    await turn.show(views.contact_taken(turn.words))
