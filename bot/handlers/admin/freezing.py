"""/freezeuser and /unfreezeuser: an admin stops what leaves somebody's wallet, with a reason and an end."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from bot.actions import Question
from bot.context import Turn
from bot.views import messages
from bot.views import security as views
from wallet_core.domain.freezing import end_of
from wallet_core.domain.people import Person
from wallet_core.use_cases.freeze_person import freeze_person
from wallet_core.use_cases.named_people import person_named
from wallet_core.use_cases.unfreeze_person import unfreeze_person

_NO_END: Final = "-"


async def freeze_user(turn: Turn) -> None:
    """``/freezeuser <number or @name> <why> [3d, 12h or a day]`` asks for the admin's code."""
    who, _, rest = turn.text.strip().partition(" ")
    if not rest.strip():
        await turn.say(messages.usage(turn.words, "/freezeuser @name stolen telephone 3d"))
        return
    await _ask(turn, await person_named(turn.ports, who), rest)


async def ask_reason(turn: Turn) -> None:
    """The button of a person's card: asks why, and until when."""
    await turn.ask(Question.USER_FREEZE_REASON, views.freeze_reason_question(turn.words), turn.argument)


async def reason(turn: Turn) -> None:
    """The reason was written, perhaps with an end."""
    await _ask(turn, await person_named(turn.ports, turn.argument), turn.text)


async def freeze_code(turn: Turn) -> None:
    """Freezes with the admin's code."""
    person, end, why = turn.argument.split(" ", 2)
    until = datetime.fromisoformat(end) if end != _NO_END else None
    await freeze_person(turn.ports, turn.caller, int(person), reason=why, until=until, code=turn.text)
    await turn.show(views.user_frozen(turn.words, until))


async def unfreeze_user(turn: Turn) -> None:
    """``/unfreezeuser <number or @name>`` asks for the admin's code."""
    if not turn.text.strip():
        await turn.say(messages.usage(turn.words, "/unfreezeuser @name"))
        return
    await _ask_unfreeze(turn, await person_named(turn.ports, turn.text))


async def unfreeze_button(turn: Turn) -> None:
    """The button of a person's card."""
    await _ask_unfreeze(turn, await person_named(turn.ports, turn.argument))


async def unfreeze_code(turn: Turn) -> None:
    """Ends an admin's freeze with the admin's code."""
    stays = await unfreeze_person(turn.ports, turn.caller, int(turn.argument), turn.text)
    await turn.show(views.user_unfrozen(turn.words, stays))


async def _ask_unfreeze(turn: Turn, person: Person) -> None:
    purpose = views.to_unfreeze_user(turn.words, person.display_name, person.id)
    await turn.ask_code(Question.USER_UNFREEZE_CODE, purpose, str(person.id))


async def _ask(turn: Turn, person: Person, text: str) -> None:
    why, until = await _reason_and_end(turn, text)
    end = until.isoformat() if until else _NO_END
    purpose = views.to_freeze_user(turn.words, person.display_name, person.id, why, until)
    await turn.ask_code(Question.USER_FREEZE_CODE, purpose, f"{person.id} {end} {why}")


async def _reason_and_end(turn: Turn, text: str) -> tuple[str, datetime | None]:
    """The last word is the end where it reads as one and a reason stands before it."""
    words = text.replace("|", "/").split()
    until = end_of(words[-1], await turn.ports.store.now()) if len(words) > 1 else None
    return " ".join(words[:-1] if until else words), until
