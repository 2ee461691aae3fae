"""/recover, /device, /newcodes: ways back in, and keeping them good."""

from __future__ import annotations

from bot.actions import Action, Question
from bot.context import Turn
from bot.handlers.pairing import delete_pairing, pairing_thread, show_pairing
from bot.handlers.start import show_enrolment
from bot.views import messages
from bot.views import resets as views
from bot.views.card import Button
from wallet_core.domain.errors import Reason, Refused
from wallet_core.domain.two_factor import PAIRING
from wallet_core.use_cases.ask_reset import ask_reset
from wallet_core.use_cases.cancel_reset import cancel_reset
from wallet_core.use_cases.complete_reset import complete_reset
from wallet_core.use_cases.confirm_device import confirm_device
from wallet_core.use_cases.recover_access import recover_access
from wallet_core.use_cases.renew_recovery_codes import renew_recovery_codes
from wallet_core.use_cases.replace_device import replace_device
from wallet_core.use_cases.show_reset import show_reset


async def recover(turn: Turn) -> None:
    """Asks for a recovery code, or shows the reset that is under way.

    Raises ``Refused(ENROL_FIRST)`` where there is nothing to recover.
    """
    reset = await show_reset(turn.ports, turn.caller) if turn.guards.enrolled else None
    if reset is not None:
        await turn.show(views.own_reset(turn.words, reset, await turn.ports.store.now()))
        return
    if not turn.guards.recovery_hashes:
        raise Refused(Reason.ENROL_FIRST)
    without = (Button(views.no_recovery_code(turn.words), Action.RESET_ASK),) if turn.guards.enrolled else ()
    await turn.ask(Question.RECOVERY_CODE, messages.recovery_question(turn.words), more=without)


async def recovery_code(turn: Turn) -> None:
    """Ends the old device and shows the enrolment of a new one."""
    enrolment = await recover_access(turn.ports, turn.caller, turn.text)
    await show_enrolment(turn, enrolment)


async def device(turn: Turn) -> None:
    """Asks for a code of the present device."""
    await turn.ask_code(Question.DEVICE_CODE, views.to_replace_device(turn.words))


async def device_code(turn: Turn) -> None:
    """Shows the secret for the new device."""
    enrolment = await replace_device(turn.ports, turn.caller, turn.text)
    card = views.new_device(turn.words, enrolment, pairing_thread(turn))
    await show_pairing(turn, card, Question.DEVICE_FIRST_CODE, PAIRING)


async def device_first_code(turn: Turn) -> None:
    """The new device replaces the old one."""
    await confirm_device(turn.ports, turn.caller, turn.text)
    await delete_pairing(turn)
    await turn.show(messages.enrolled(turn.words))


async def new_codes(turn: Turn) -> None:
    """Asks for the code that renews the recovery codes."""
    await turn.ask_code(Question.NEW_CODES_CODE, views.to_renew_codes(turn.words))


async def new_codes_code(turn: Turn) -> None:
    """The new recovery codes come by the outbox."""
    await renew_recovery_codes(turn.ports, turn.caller, turn.text)


async def reset_ask(turn: Turn) -> None:
    """Says what a reset is before one is asked for."""
    await turn.forget_question()
    await turn.show(views.reset_question(turn.words, turn.ports.settings.reset_wait_seconds), fresh=True)


async def reset_confirm(turn: Turn) -> None:
    """Asks for the reset; the card of it comes by the outbox."""
    await ask_reset(turn.ports, turn.caller)


async def reset_cancel(turn: Turn) -> None:
    """Asks for the code that ends a reset."""
    await turn.ask_code(Question.RESET_CANCEL_CODE, views.to_cancel_reset(turn.words))


async def reset_cancel_code(turn: Turn) -> None:
    """Ends the reset."""
    await cancel_reset(turn.ports, turn.caller, turn.text)


async def reset_complete(turn: Turn) -> None:
    """The wait is over: shows the secret for the new device."""
    await show_enrolment(turn, await complete_reset(turn.ports, turn.caller))
