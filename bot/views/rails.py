"""The switches: of one rail, of all of them, of the whole wallet; and what admins are told of a switch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from bot.actions import Action
from bot.views import keyboards
from bot.views.card import Button, Card, Row
from bot.views.words import Words
from wallet_core.domain.mode import Mode, Switchboard
from wallet_core.domain.money import Asset
from wallet_core.domain.people import Access
from wallet_core.domain.purchase import Rail, RailState
from wallet_core.domain.rails import FORMS

#: What stands in buttons and commands for all rails that pay out.
ALL: Final = "ALL"
#: What `/rail` calls the positions of the switch.
POSITIONS: Final = {
    "resume": RailState.RUNNING,
    "finish": RailState.FINISHING,
    "drain": RailState.DRAINING,
    "pause": RailState.PAUSED,
    "close": RailState.CLOSED,
}
#: And `/mode` those of the whole wallet.
MODES: Final = {"open": Mode.OPEN, "withdraw-only": Mode.WITHDRAW_ONLY, "pause-all": Mode.PAUSED}


def rail_line(_: Words, rail: Rail) -> str:
    """One chain: what its payouts do, and the worker's alarm."""
    state = state_name(_, rail.state) if rail.is_served else _("no worker has ever served it")
    if rail.alarm:
        return _("{asset}: {state}. ALARM: {alarm}", asset=_.ltr(rail.id), state=state, alarm=rail.alarm)
    return _("{asset}: {state}", asset=_.ltr(rail.id), state=state)


def state_name(_: Words, state: RailState) -> str:
    """What a switch stands at."""
    names = {
        RailState.RUNNING: _("running"),
        RailState.FINISHING: _("finishing"),
        RailState.DRAINING: _("draining"),
        RailState.PAUSED: _("paused"),
        RailState.CLOSED: _("closed"),
    }
    return names[state]


def mode_name(_: Words, mode: Mode) -> str:
    """What the whole wallet does."""
    names = {
        Mode.OPEN: _("everything works"),
        Mode.WITHDRAW_ONLY: _("withdrawals only"),
        Mode.PAUSED: _("everything is paused"),
    }
    return names[mode]


def _meaning(_: Words, state: RailState) -> str:
    meanings = {
        RailState.RUNNING: _("Resume: requests are taken and paid."),
        RailState.FINISHING: _("Finish: requests are taken and wait; what is in a batch is paid, no new batch begins."),
        RailState.DRAINING: _("Drain: no new requests are taken; the queue is paid until it is empty."),
        RailState.PAUSED: _("Pause: requests are taken and wait; nothing more is signed or sent."),
        RailState.CLOSED: _("Close: no new requests are taken, and nothing more is signed or sent."),
    }
    return meanings[state]


def rail_row(_: Words, rail: Rail, *, pays: bool) -> Row:
    """The buttons of one rail on the desk; ``pays``: for one of finance."""
    asset = rail.id
    may_pay = pays and asset is not Asset.USD and rail.state in FORMS and rail.alarm is None
    pay = (Button(_("Pay now {asset}", asset=asset), Action.PAY_NOW, asset),) if may_pay else ()
    switch = Button(_("Switch {asset}", asset=asset), Action.RAIL, asset)
    clear = (Button(_("Clear alarm {asset}", asset=asset), Action.ALARM_CLEAR, asset),) if rail.alarm else ()
    return (*pay, switch, *clear)


def rail_card(_: Words, rail: Rail) -> Card:
    """One rail, with every position of its switch and what it means."""
    since = (
        _("Since {since}: {why}", since=_.instant(rail.switched_at), why=rail.switched_why or "–")
        if rail.switched_at
        else ""
    )
    lines = [_.bold(rail_line(_, rail)), since]
    if rail.id is Asset.USD:
        other = RailState.CLOSED if rail.state is RailState.RUNNING else RailState.RUNNING
        lines.append(_("The switch is for purchases: what was paid, refunded or disputed goes on."))
        return _switches(_, lines, rail.id, (other,))
    return _switches(_, lines, rail.id, tuple(state for state in RailState if state is not rail.state))


def all_rails(_: Words) -> Card:
    """The switches of all rails that pay out."""
    return _switches(_, [_.bold(_("All rails that pay out"))], ALL, tuple(RailState))


def _switches(_: Words, lines: list[str], which: str, states: tuple[RailState, ...]) -> Card:
    shown = [*lines, *(_meaning(_, state) for state in states if which != Asset.USD)]
    rows = tuple((Button(_button(_, state), Action.RAIL_SET, f"{which} {state}"),) for state in states)
    return Card("\n".join(line for line in shown if line), (*rows, keyboards.back(_, Action.DESK)))


def _button(_: Words, state: RailState) -> str:
    labels = {
        RailState.RUNNING: _("Resume"),
        RailState.FINISHING: _("Finish"),
        RailState.DRAINING: _("Drain"),
        RailState.PAUSED: _("Pause"),
        RailState.CLOSED: _("Close"),
    }
    return labels[state]


def mode_line(_: Words, board: Switchboard) -> str:
    """What the whole wallet does; nothing while everything works."""
    if board.mode is Mode.OPEN or board.since is None:
        return ""
    facts = {"mode": mode_name(_, board.mode), "since": _.instant(board.since), "why": board.why or "–"}
    return _("WHOLE WALLET: {mode}, since {since}: {why}", **facts)


def mode_card(_: Words, board: Switchboard) -> Card:
    """The switch of the whole wallet, with what each position does."""
    lines = (
        _.bold(_("Whole wallet: {mode}", mode=mode_name(_, board.mode))),
        mode_line(_, board),
        _("Withdrawals only: no sends, no purchases, no mass sends. What was bought is credited, withdrawals go on."),
        _(
            "Pause everything: nothing begins, nothing is signed or sent for the first time. Payments that arrive are "
            "booked, and what is out is followed to its end."
        ),
        _("Whoever is of finance may stop more; only an owner lets more go on."),
    )
    labels = {
        Mode.OPEN: _("Let everything work"),
        Mode.WITHDRAW_ONLY: _("Withdrawals only"),
        Mode.PAUSED: _("PAUSE EVERYTHING"),
    }
    rows = tuple((Button(labels[mode], Action.MODE_SET, mode),) for mode in Mode if mode is not board.mode)
    return Card("\n".join(line for line in lines if line), (*rows, keyboards.back(_, Action.DESK)))


def why_question(_: Words, purpose: str) -> str:
    """Asks for the reason, before the code."""
    return _("Why do you want to {purpose}? One line; it is kept, and every admin reads it.", purpose=purpose)


def rail_purpose(_: Words, which: str, state: RailState) -> str:
    """What the admin's code is asked for."""
    if which == Asset.USD:
        return _("set purchases by card to “{state}”", state=state_name(_, state))
    if which == ALL:
        return _("set payouts in all coins to “{state}”", state=state_name(_, state))
    return _("set payouts in {asset} to “{state}”", asset=_.ltr(which), state=state_name(_, state))


def mode_purpose(_: Words, mode: Mode) -> str:
    """What the admin's code is asked for."""
    return _("set the whole wallet to “{mode}”", mode=mode_name(_, mode))


def rail_notice(_: Words, facts: Mapping[str, Any]) -> Card:
    """What every admin is told of a switch."""
    state, rails = state_name(_, RailState(facts["after"])), _.ltr(", ".join(facts["rails"]))
    heading = _.bold(_("{rails}: switched to “{state}”", rails=rails, state=state))
    return Card("\n".join((heading, _by(_, facts))), ((Button(_("Admin desk"), Action.DESK),),))


def mode_notice(_: Words, facts: Mapping[str, Any]) -> Card:
    """The same of the whole wallet."""
    heading = _.bold(_("WHOLE WALLET: {mode}", mode=mode_name(_, Mode(facts["after"]))))
    return Card("\n".join((heading, _by(_, facts))), ((Button(_("Admin desk"), Action.DESK),),))


def _by(_: Words, facts: Mapping[str, Any]) -> str:
    why = str(facts.get("why") or "–")
    by = facts.get("by")
    return _("By admin {person}: {why}", person=_.ltr(str(by)), why=why) if by else _("Why: {why}", why=why)


def pay_now_purpose(_: Words, asset: Asset) -> str:
    """What the admin's code is asked for."""
    return _("pay what is queued in {asset} at once", asset=_.ltr(asset))


def pay_now_asked(_: Words, asset: Asset) -> Card:
    """The worker was asked; it is not waited for."""
    text = _("Asked for. The worker forms a batch in {asset} as soon as it has looked.", asset=_.ltr(asset))
    return Card(text, (keyboards.back(_, Action.DESK),))


def alarm_purpose(_: Words, asset: Asset) -> str:
    """What the owner's code is asked for."""
    return _("clear the alarm of {asset}", asset=_.ltr(asset))


def may_switch(access: Access) -> bool:
    """Whether somebody of this reach is shown switches at all."""
    return access >= Access.FINANCE
