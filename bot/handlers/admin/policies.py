"""/policies: the rules for withdrawals, a draft of the next ones, trying it out, and switching it on."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from bot.actions import Question
from bot.context import Turn
from bot.views import approvals
from bot.views import policy_sets as views
from wallet_core.domain.errors import Reason, Refused
from wallet_core.domain.period import range_of
from wallet_core.use_cases.change_policies import change_policies
from wallet_core.use_cases.discard_policies import discard_policies
from wallet_core.use_cases.dry_run_approval import dry_run_approval
from wallet_core.use_cases.dry_run_policies import dry_run_policies
from wallet_core.use_cases.show_policies import show_policies
from wallet_core.use_cases.show_policy_sets import show_policy_sets
from wallet_core.use_cases.switch_policies import switch_policies

#: What the buttons for a dry run carry.
_BACK: Final = {views.LAST_DAY: timedelta(days=1), views.LAST_WEEK: timedelta(days=7)}


async def show(turn: Turn) -> None:
    """Shows the set that counts, and what the draft would change."""
    await turn.show(views.policies(turn.words, await show_policies(turn.ports, turn.caller), turn.guards.role))


async def change(turn: Turn) -> None:
    """``/policy <policy> <parameter> <value>`` changes the draft; see ``change_policies``."""
    await change_policies(turn.ports, turn.caller, turn.text)
    await show(turn)


async def discard(turn: Turn) -> None:
    """Throws the draft away."""
    await discard_policies(turn.ports, turn.caller)
    await show(turn)


async def sets(turn: Turn) -> None:
    """Shows a page of the sets that there were."""
    await turn.show(views.sets(turn.words, await show_policy_sets(turn.ports, turn.caller, turn.page)))


async def dry_run(turn: Turn) -> None:
    """Tries the draft out on the requests of the last day or week."""
    now = await turn.ports.store.now()
    await _dry_run(turn, now - _BACK.get(turn.argument, _BACK[views.LAST_WEEK]), now)


async def dry_run_asked(turn: Turn) -> None:
    """Tries out what another owner asks to be switched on, on the requests of the last week."""
    now = await turn.ports.store.now()
    run = await dry_run_approval(turn.ports, turn.caller, turn.argument, now - _BACK[views.LAST_WEEK], now)
    await turn.show(views.dry_run(turn.words, run), fresh=True)


async def dry_run_command(turn: Turn) -> None:
    """``/dryrun``, with a month, a day, or the first and the last day: tries the draft out on its requests."""
    now, hour = await turn.ports.store.now(), turn.ports.settings.day_starts_at_hour
    try:
        start, end = range_of(turn.text, now, hour)
    except Refused as refused:
        if refused.reason is not Reason.BAD_RANGE:
            raise
        raise Refused(Reason.BAD_RANGE, **refused.facts, command="dryrun") from None
    await _dry_run(turn, start, end)


async def switch(turn: Turn) -> None:
    """Asks for the owner's code; which draft was shown goes with the question."""
    shown = await show_policies(turn.ports, turn.caller)
    await turn.ask_code(Question.POLICY_CODE, views.purpose(turn.words, shown), turn.argument)


async def switch_code(turn: Turn) -> None:
    """Asks another owner to switch the draft on."""
    await switch_policies(turn.ports, turn.caller, turn.argument, turn.text)
    await turn.show(approvals.asked(turn.words))


async def _dry_run(turn: Turn, start: datetime, end: datetime) -> None:
    run = await dry_run_policies(turn.ports, turn.caller, start, end)
    await turn.show(views.dry_run(turn.words, run))
