"""A file of payments: read, previewed, started with a code, stopped, resumed, and its result."""

from __future__ import annotations

import asyncio
import io

from bot.actions import Question
from bot.attachments import result_of
from bot.context import SentFile, Turn
from bot.handlers import kyc
from bot.views import mass_faults, mass_files
from bot.views import mass_sends as views
from bot.views.card import Card
from wallet_core.domain.errors import AlreadyDone
from wallet_core.domain.mass_file import MAX_FILE_BYTES, MassFile, read_file
from wallet_core.domain.mass_send import MassSend, MassState
from wallet_core.domain.people import Access, access_of
from wallet_core.use_cases.cancel_mass_send import cancel_mass_send
from wallet_core.use_cases.look_at_mass_lines import look_at_mass_lines
from wallet_core.use_cases.resume_mass_send import resume_mass_send
from wallet_core.use_cases.show_mass_send import show_mass_send
from wallet_core.use_cases.show_mass_sends import show_mass_sends
from wallet_core.use_cases.start_mass_send import start_mass_send
from wallet_core.use_cases.stop_mass_send import stop_mass_send
from wallet_core.use_cases.upload_mass_send import upload_mass_send


async def how(turn: Turn) -> None:
    """``/masssend`` says how the file is written, and sends a form to fill in."""
    await turn.show(mass_files.how(turn.words))
    await turn.show(mass_files.example(turn.words), fresh=True)


async def document(turn: Turn) -> None:
    """Somebody sent a file; only what finance sends is read as a mass send. Others' may be for their level."""
    sent = turn.file
    if sent is None or access_of(turn.guards.role) < Access.FINANCE:
        await kyc.part(turn)
    elif sent.size_bytes > MAX_FILE_BYTES:
        await turn.show(mass_faults.too_large(turn.words))
    else:
        await _take(turn, sent)


async def sends(turn: Turn) -> None:
    """Shows a page of all mass sends."""
    await turn.show(views.listed(turn.words, await show_mass_sends(turn.ports, turn.caller, turn.page)))


async def one(turn: Turn) -> None:
    """Shows one as it stands now."""
    await _show_again(turn, turn.argument)


async def start(turn: Turn) -> None:
    """Asks for the payer's code, naming the whole sum."""
    view = await show_mass_send(turn.ports, turn.caller, turn.argument)
    await turn.ask_code(Question.MASS_START_CODE, views.start_purpose(turn.words, view.send), turn.argument)


async def start_code(turn: Turn) -> None:
    """Starts it, or asks the other admins; its card tells in its own place."""
    await start_mass_send(turn.ports, turn.caller, turn.argument, turn.text)


async def stop(turn: Turn) -> None:
    """No further line is begun."""
    await stop_mass_send(turn.ports, turn.caller, turn.argument)
    await _show_again(turn, turn.argument)


async def resume(turn: Turn) -> None:
    """Asks for the code to go on."""
    await turn.ask_code(Question.MASS_RESUME_CODE, views.resume_purpose(turn.words), turn.argument)


async def resume_code(turn: Turn) -> None:
    """Goes on."""
    await resume_mass_send(turn.ports, turn.caller, turn.argument, turn.text)
    await _show_again(turn, turn.argument)


async def give_up(turn: Turn) -> None:
    """Asks before what cannot be undone."""
    await turn.show(views.give_up(turn.words, turn.argument), fresh=True)


async def cancel(turn: Turn) -> None:
    """Nothing comes of it, or nothing more."""
    await cancel_mass_send(turn.ports, turn.caller, turn.argument)
    await _show_again(turn, turn.argument)


async def result(turn: Turn) -> None:
    """Sends the table of what became of each line so far."""
    await turn.show(await result_of(turn.ports, turn.words, turn.caller, turn.argument), fresh=True)


async def lines(turn: Turn) -> None:
    """Sends the table of all lines as they would be paid; who has not opened it approves nothing."""
    looked = await look_at_mass_lines(turn.ports, turn.caller, turn.argument)
    await turn.show(views.lines_file(turn.words, looked.send, looked.table), fresh=True)


async def _take(turn: Turn, sent: SentFile) -> None:
    """Reads the file and puts the answer into the place of the message that says so."""
    at = await turn.chats.show(mass_files.reading(turn.words, sent.name), person=turn.caller.person, chat=turn.chat)
    try:
        content = await turn.chats.download(sent.id, MAX_FILE_BYTES)
        read = await asyncio.to_thread(read_file, io.BytesIO(content))
        cards = _faults(turn, sent, read) if read.fault_count else await _offer(turn, sent, read)
    except Exception:
        await turn.chats.delete(turn.chat, at)
        raise
    for card in cards:
        in_place = at if card is cards[0] else None
        await turn.chats.show(card, person=turn.caller.person, chat=turn.chat, message_id=in_place)


def _faults(turn: Turn, sent: SentFile, read: MassFile) -> list[Card]:
    name = mass_faults.file_name(sent.name)
    table = mass_faults.fault_file(turn.words, name, read)
    return [mass_faults.faults(turn.words, name, read), *([table] if table else [])]


async def _offer(turn: Turn, sent: SentFile, read: MassFile) -> list[Card]:
    try:
        send = await upload_mass_send(turn.ports, turn.caller, sent.name, read.rows)
    except AlreadyDone as done:
        if not isinstance(done.result, MassSend):
            raise
        return await _before(turn, done.result)
    return [views.preview(turn.words, send)]


async def _before(turn: Turn, send: MassSend) -> list[Card]:
    """The same file again: what became of it, its card below everything, and its result."""
    view = await show_mass_send(turn.ports, turn.caller, send.id)
    await turn.chats.delete_thread(views.mass_thread(send.id))
    table = [await result_of(turn.ports, turn.words, turn.caller, send.id)] if send.state is MassState.DONE else []
    return [Card(views.before(turn.words, send)), views.shown(turn.words, view), *table]


async def _show_again(turn: Turn, mass_send_id: str) -> None:
    """In its own message; where the pressed button stood in another one, that becomes its message."""
    view = await show_mass_send(turn.ports, turn.caller, mass_send_id)
    card = views.shown(turn.words, view)
    if turn.tap and card.thread and turn.tap.thread != card.thread:
        await turn.chats.delete_thread(card.thread)
    await turn.show(card)
