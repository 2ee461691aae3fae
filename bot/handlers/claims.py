"""Money that waits: claim it, say who is the right one, take it back. /claims lists it."""

from __future__ import annotations

from bot.context import Turn
from bot.handlers.home import home
from bot.views import claims as views
from wallet_core.domain.claimable import Claimable
from wallet_core.domain.errors import AlreadyDone
from wallet_core.use_cases.accept_claimant import accept_claimant
from wallet_core.use_cases.ask_claim import ask_claim
from wallet_core.use_cases.claim import claim as claim_it
from wallet_core.use_cases.refuse_claimant import refuse_claimant
from wallet_core.use_cases.show_claimables import show_claimables
from wallet_core.use_cases.take_back_send import take_back_send


async def claims(turn: Turn) -> None:
    """Lists what waits on both sides."""
    await turn.show(views.listed(turn.words, await show_claimables(turn.ports, turn.caller)))


async def claim(turn: Turn) -> None:
    """Claims it. The receipt comes in the card's own place."""
    found = await claim_it(turn.ports, turn.caller, turn.argument)
    turn.toast = views.toast(turn.words, found.state)


async def by_link(turn: Turn, parameter: str) -> None:
    """Somebody opened a link: the sender is asked. Their card comes by the outbox; opened again, it is shown here."""
    try:
        await ask_claim(turn.ports, turn.caller, parameter)
    except AlreadyDone as done:
        if not isinstance(done.result, Claimable):
            raise
        await turn.show(views.asked(turn.words, done.result))


async def accept(turn: Turn) -> None:
    """The sender says that it is the right one."""
    claimable_id, claimant = turn.argument.split()
    found = await accept_claimant(turn.ports, turn.caller, claimable_id, int(claimant))
    turn.toast = views.toast(turn.words, found.state)


async def refuse(turn: Turn) -> None:
    """The sender says that it is not."""
    claimable_id, claimant = turn.argument.split()
    found = await refuse_claimant(turn.ports, turn.caller, claimable_id, int(claimant))
    turn.toast = views.toast(turn.words, found.state)


async def take_back(turn: Turn) -> None:
    """The sender takes it back."""
    found = await take_back_send(turn.ports, turn.caller, turn.argument)
    turn.toast = views.toast(turn.words, found.state)


async def here(turn: Turn, _parameter: str) -> None:
    """Somebody came from a chat where others read along: shows what waits for them, else the menu."""
    if not await show_what_waits(turn):
        await home(turn)


async def show_what_waits(turn: Turn) -> bool:
    """Shows it, if anything waits for the person, and tells whether. Nobody could write to who has just joined."""
    found = await show_claimables(turn.ports, turn.caller)
    if found.for_me:
        await turn.show(views.listed(turn.words, found), fresh=True)
    return bool(found.for_me)
