"""What does not work now, and since when, as everybody reads it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bot.views.words import Html, Words
from wallet_core.domain.mode import Mode
from wallet_core.domain.money import Asset
from wallet_core.domain.purchase import Rail
from wallet_core.domain.rails import SHUT
from wallet_core.use_cases.show_service import Service


def service_lines(_: Words, service: Service) -> list[str]:
    """A sentence for each thing that does not work; none while everything does."""
    lines = [mode_sentence(_, service.board.mode, service.board.since)]
    # While everything is paused nothing else need be said.
    if service.board.mode is not Mode.PAUSED:
        lines += [_rail_sentence(_, rail) for rail in service.rails]
    return [line for line in lines if line]


def mode_sentence(_: Words, mode: Mode, since: datetime | None) -> str:
    """What the whole wallet does not do now, and that the money is safe."""
    if mode is Mode.WITHDRAW_ONLY:
        text = _(
            "Only withdrawals work now: nothing can be sent or bought. What was bought before is credited when it is "
            "paid, and what you have is yours to withdraw."
        )
    elif mode is Mode.PAUSED:
        text = _(
            "Everything is paused: nothing can be sent, bought or withdrawn. Your money is safe, and payments that "
            "arrive are still booked."
        )
    else:
        return ""
    return f"{text} {_since(_, since)}".rstrip()


def switched_off(_: Words, facts: Mapping[str, Any], mode: Mode) -> str:
    """Why something was refused: the whole wallet does not do it now."""
    nothing = _("Nothing was changed; your money is where it was.")
    return f"{mode_sentence(_, mode, facts.get('since'))} {nothing}"


def _rail_sentence(_: Words, rail: Rail) -> str:
    asset = _.ltr(rail.id)
    if rail.id is Asset.USD:
        text = _("Nothing can be bought by card now.")
    elif rail.state in SHUT:
        text = _("New withdrawals in {asset} are not taken now.", asset=asset)
    else:
        text = _("Withdrawals in {asset} wait in the queue; they are safe and may be cancelled.", asset=asset)
    return f"{text} {_since(_, rail.alarm_at if rail.alarm else rail.switched_at)}".rstrip()


def _since(_: Words, since: datetime | None) -> str:
    return _("Since {since}.", since=_.moment(since)) if since else Html("")
