"""Reviewing applications for a level: take one, look at each document here and nowhere else, decide with a code."""

from __future__ import annotations

from datetime import timedelta

from bot.actions import Question
from bot.context import Turn
from bot.shown_documents import note_shown, take_away
from bot.views import kyc_review as views
from bot.views import messages
from wallet_core.domain.errors import Reason, Refused
from wallet_core.domain.kyc_application import KycApplication, checked_reason
from wallet_core.domain.kyc_document import Part
from wallet_core.domain.people import Person
from wallet_core.use_cases.approve_application import approve_application
from wallet_core.use_cases.ask_document_again import ask_document_again
from wallet_core.use_cases.claim_application import claim_application
from wallet_core.use_cases.look_at_document import look_at_document
from wallet_core.use_cases.lower_level import lower_level
from wallet_core.use_cases.refuse_application import refuse_application
from wallet_core.use_cases.release_application import release_application
from wallet_core.use_cases.show_applications import show_applications
from wallet_core.use_cases.show_kyc_case import show_kyc_case


async def queue(turn: Turn) -> None:
    """Shows a page of the applications that wait."""
    await turn.show(views.queue(turn.words, await show_applications(turn.ports, turn.caller, turn.page)))


async def case(turn: Turn) -> None:
    """Shows one as it stands now; a person's id stands for their newest."""
    await _show(turn, turn.argument)


async def claim(turn: Turn) -> None:
    """Asks for the reviewer's code: what follows shows documents."""
    await _ask_code(turn, f"{views.CLAIM} {turn.argument} {views.NO_PART} -")


async def release(turn: Turn) -> None:
    """Gives it back; what was shown of it goes away."""
    await release_application(turn.ports, turn.caller, turn.argument)
    await _put_away(turn, turn.argument)
    await _show(turn, turn.argument)


async def look(turn: Turn) -> None:
    """Shows a document for some minutes. The look was recorded before this has its content."""
    application, document = turn.argument.split()
    opened = await look_at_document(turn.ports, turn.caller, application, document)
    until = await turn.ports.store.now() + timedelta(seconds=turn.ports.settings.kyc_shown_seconds)
    card = views.document(turn.words, opened, until)
    message_id = await turn.chats.show(card, person=turn.caller.person, chat=turn.chat)
    await note_shown(turn.ports, application=application, chat=turn.chat, message_id=message_id, until=until)
    await _show(turn, application)


async def approve(turn: Turn) -> None:
    """Asks for the reviewer's code."""
    await _ask_code(turn, f"{views.APPROVE} {turn.argument} {views.NO_PART} -")


async def refuse(turn: Turn) -> None:
    """Asks why."""
    await _ask_why(turn, views.REFUSE, turn.argument, views.NO_PART)


async def ask_again(turn: Turn) -> None:
    """Asks why one part is wanted again."""
    application, part = turn.argument.split()
    await _ask_why(turn, views.ASK_AGAIN, application, part)


async def reason(turn: Turn) -> None:
    """A usual reason was pressed."""
    await _ask_code(turn, turn.argument)


async def reason_written(turn: Turn) -> None:
    """The reason was written."""
    # The mark that parts a question from its card cannot stand in it.
    await _ask_code(turn, f"{turn.argument} {checked_reason(turn.text.replace('|', '/'))}")


async def code_given(turn: Turn) -> None:
    """Takes it, or decides; what was shown goes away then."""
    verb, application, part, said = turn.argument.split(maxsplit=3)
    if verb == views.CLAIM:
        await claim_application(turn.ports, turn.caller, application, turn.text)
        await _show(turn, application)
        return
    await turn.show(views.decided(turn.words, await _decided(turn, verb, application, part, said)))
    await _put_away(turn, application, everybody=True)


async def set_level(turn: Turn) -> None:
    """``/setlevel <id or @name> <level> <reason>`` asks for the admin's code; levels are only lowered so."""
    words = turn.text.replace("|", "/").split(maxsplit=2)
    if len(words) != 3 or words[1] not in ("1", "2"):
        await turn.say(messages.usage(turn.words, "/setlevel @name 1 the reason"))
        return
    person, said = await _person(turn, words[0]), checked_reason(words[2])
    purpose = views.level_purpose(turn.words, person, words[1], said)
    await turn.ask_code(Question.LEVEL_CODE, purpose, f"{person} {words[1]} {said}")


async def level_code(turn: Turn) -> None:
    """Lowers the level."""
    person, level, said = turn.argument.split(maxsplit=2)
    before = await lower_level(turn.ports, turn.caller, int(person), int(level), reason=said, code=turn.text)
    await turn.show(views.level_set(turn.words, int(person), before, int(level)))


async def _decided(turn: Turn, verb: str, application: str, part: str, said: str) -> KycApplication:
    ports, caller, code = turn.ports, turn.caller, turn.text
    if verb == views.APPROVE:
        return await approve_application(ports, caller, application, code)
    if verb == views.REFUSE:
        return await refuse_application(ports, caller, application, said, code)
    return await ask_document_again(ports, caller, application, Part(part), reason=said, code=code)


async def _ask_why(turn: Turn, verb: str, application: str, part: str) -> None:
    card = views.reasons(turn.words, verb, application, part)
    message_id = await turn.chats.show(card, person=turn.caller.person, chat=turn.chat)
    await turn.wait_for(Question.KYC_REASON, f"{verb} {application} {part}", message_id=message_id)


async def _ask_code(turn: Turn, argument: str) -> None:
    verb, _application, part, said = argument.split(maxsplit=3)
    await turn.ask_code(Question.KYC_CODE, views.purpose(turn.words, verb, part, said), argument)


async def _show(turn: Turn, application: str) -> None:
    """As it is now: in place where its own card was pressed, else below everything; its older message goes away."""
    card = views.case(turn.words, await show_kyc_case(turn.ports, turn.caller, application))
    in_place = turn.tap is not None and turn.tap.thread == card.thread
    if card.thread and not in_place:
        await turn.chats.delete_thread(card.thread)
    await turn.show(card)


async def _put_away(turn: Turn, application: str, *, everybody: bool = False) -> None:
    """Deletes the documents that are shown of it, here or in every reviewer's chat."""
    where = {"application": application} if everybody else {"application": application, "chat": turn.chat}
    await take_away(turn.ports, turn.chats, where)


async def _person(turn: Turn, name: str) -> int:
    if name.isdecimal() and len(name) <= 15:
        return int(name)
    found = await turn.ports.store.find(Person, {"username_key": name.removeprefix("@").lower()}, limit=1)
    if not found:
        raise Refused(Reason.UNKNOWN_RECIPIENT, recipient=name)
    return int(found[0].id)
