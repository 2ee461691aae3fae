"""The move of an account to another Telegram account, as both sides read of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bot.actions import Action
from bot.views import keyboards
from bot.views.card import Button, Card, Row
from bot.views.words import Words
from wallet_core.domain.account_move import AccountMove, MoveState

Facts = Mapping[str, Any]


def how_to_move(_: Words, account: int) -> Card:
    """What somebody does who wants their wallet in another Telegram account."""
    text = _(
        "To move this wallet to another Telegram account, write to me from that account: {command}. Have a recovery "
        "code and your authenticator ready. It takes some days, and can be ended from here.",
        command=_.code(f"/move {account}"),
    )
    return Card(text, (keyboards.home(_),))


def recovery_question(_: Words) -> str:
    """Asks for a recovery code of the account."""
    return _("Write one of that wallet's recovery codes. It is used up when your 6-digit code is right as well.")


def to_move(_: Words) -> str:
    """What a code is asked for: the move."""
    return _("move that wallet to this Telegram account")


def status(_: Words, move: AccountMove, now: datetime, *, is_owner: bool) -> Card:
    """How a move stands, for one of the two sides."""
    return move_notice(_, move.document() | {"id": move.id, "account": move.person, "is_owner": is_owner}, now)


def move_notice(_: Words, facts: Facts, now: datetime | None = None) -> Card:
    """What happened to a move; while it waits with the buttons to end it and, in the new chat, to go on."""
    state, is_owner = MoveState(facts["state"]), bool(facts.get("is_owner"))
    lines = (_.bold(_("Security notice")), *_sentences(_, state, facts, is_owner=is_owner))
    if state is not MoveState.WAITING:
        return Card("\n".join(lines), (keyboards.home(_),) if is_owner else ())
    end: Row = (Button(_("End the move"), Action.MOVE_CANCEL, facts["id"]),)
    go_on: Row = (Button(_("Finish the move"), Action.MOVE_COMPLETE, facts["id"]),)
    return Card("\n".join(lines), (end,) if is_owner else (go_on, end))


def _sentences(_: Words, state: MoveState, facts: Facts, *, is_owner: bool) -> tuple[str, ...]:
    due = _.moment(facts["due_at"]) if facts.get("due_at") else "?"
    number = _.code(str(facts.get("telegram") or "?"))
    if state is MoveState.WAITING and is_owner:
        return (
            _(
                "Somebody with a recovery code and a code of your device asked to move this wallet to the Telegram "
                "account {number}.",
                number=number,
            ),
            _("It can be finished from {until} on.", until=due),
            _("If this was not you, end it here or send /freeze, then get new recovery codes with /newcodes."),
        )
    if state is MoveState.WAITING:
        return (_("The wallet can move here from {until} on. Then press the button, or send /move.", until=due),)
    if state is MoveState.DONE:
        return (_("The wallet is here now, with all that belongs to it. Send /start for the menu."),)
    if is_owner:
        return (_("The move of your wallet was ended. It stays here."),)
    return (_("The move was ended. The wallet stays where it was."),)


def moved_away(_: Words, _facts: Facts) -> Card:
    """The last that the former Telegram account hears of the wallet."""
    text = _(
        "The wallet that was here moved to another Telegram account, as it was announced. Nothing of it is left here. "
        "If that was not you, tell the people who run this wallet at once. With /start you can open a new wallet."
    )
    return Card(f"{_.bold(_('Security notice'))}\n{text}")


def move_failed(_: Words, _facts: Facts) -> Card:
    """Somebody has a recovery code, and not the device."""
    text = _(
        "Somebody used one of your recovery codes to ask for a move of this wallet, and then gave three wrong codes. "
        "That recovery code works no more. Get new ones with /newcodes, and think about who may have read the old ones."
    )
    return Card(f"{_.bold(_('Security notice'))}\n{text}", ((Button(_("Freeze now"), Action.FREEZE_NOW),),))
