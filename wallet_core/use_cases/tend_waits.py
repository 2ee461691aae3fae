"""What comes by itself with time: freezes that are over are tidied up, and people are told again of what waits."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

from wallet_core.domain.access_reset import AccessReset, reset_message
from wallet_core.domain.account_move import AccountMove, move_message
from wallet_core.domain.errors import Refused
from wallet_core.domain.freezing import beneath, freeze_over, thawed_facts
from wallet_core.domain.guards import Guards
from wallet_core.domain.ledger import Message, Posting
from wallet_core.domain.record import Change
from wallet_core.domain.waits import ToldAgain
from wallet_core.ports import Between, Ports
from wallet_core.use_cases.gate import operator_only

_MOST: Final = 100
_BY: Final = "bot"
_LONG_AGO: Final = datetime(1970, 1, 1, tzinfo=UTC)


@operator_only
async def tend_waits(ports: Ports) -> int:
    """Tidies up and tells, a hundred of each kind at most; returns how many. No person asks for it, the bot does.

    Nothing depends on it: each end counts by database time, whether or not anybody came to tidy it up.
    """
    done = 0
    for posting in (*await _thawed(ports), *await _resets(ports), *await _moves(ports)):
        try:
            await ports.ledger.post(posting)
        except Refused:
            # Another bot was faster, or somebody ended it in this moment.
            continue
        done += 1
    return done


async def _thawed(ports: Ports) -> list[Posting]:
    over = await ports.store.find(Guards, await _past(ports, "frozen_until"), order_by=("frozen_until",), limit=_MOST)
    return [_freeze_over(guards) for guards in over]


def _freeze_over(guards: Guards) -> Posting:
    stays = beneath(guards)
    told = Message(guards.id, "thawed", thawed_facts(stays))
    assert guards.frozen_until is not None  # noqa: S101 - it was looked for
    key = f"freeze_over:{guards.id}:{guards.frozen_until.isoformat()}"
    changes = (freeze_over(guards.id, stays),)
    return Posting(key, "freeze_over", _BY, changes=changes, messages=(told,), people=(guards.id,))


async def _resets(ports: Ports) -> list[Posting]:
    due = await ports.store.find(AccessReset, await _past(ports, "tell_at"), order_by=("tell_at",), limit=_MOST)
    return [_told(reset, reset_message(reset)) for reset in due]


async def _moves(ports: Ports) -> list[Posting]:
    due = await ports.store.find(AccountMove, await _past(ports, "tell_at"), order_by=("tell_at",), limit=_MOST)
    to_both = {move.id: move_message(move, move.asker) for move in due}
    return [
        replace(told, messages=(*told.messages, to_both[move.id]))
        for move in due
        for told in (_told(move, move_message(move, move.person)),)
    ]


def _told(waits: AccessReset | AccountMove, message: Message) -> Posting:
    assert waits.tell_at is not None  # noqa: S101 - it was looked for
    again: Change = ToldAgain(type(waits), waits.id, {"tell_at": waits.tell_at, "state": waits.state})
    return Posting(
        f"told_again:{waits.id}:{waits.tell_at.isoformat()}",
        "wait_told_again",
        _BY,
        changes=(again,),
        messages=(message,),
    )


async def _past(ports: Ports, field: str) -> dict[str, Between]:
    """A time that has come; those that have none do not fit."""
    now = await ports.store.now()
    return {field: Between(_LONG_AGO, now)}
