"""The admins' cards."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.actions import Action
from bot.views import keyboards
from bot.views.card import Button, Card, Row
from bot.views.words import Words
from wallet_core.domain.money import Asset
from wallet_core.domain.payout import PayoutState, Withdrawal
from wallet_core.domain.purchase import Rail, RailState
from wallet_core.use_cases.show_desk import Desk

#: How many reviews the desk's card shows with buttons.
REVIEWS_SHOWN = 5


def desk(_: Words, desk: Desk) -> Card:
    """Rails with their switches, the queue, and what waits for a decision."""
    shown = desk.reviews[:REVIEWS_SHOWN]
    lines = [
        _.bold(_("Admin desk")),
        *(rail_line(_, rail) for rail in desk.rails),
        _("Payouts queued: {queued}, on their way: {in_flight}", queued=desk.queued, in_flight=desk.in_flight),
        _("Reviews waiting: {count}", count=desk.reviews_waiting),
        *(_review_line(_, number, withdrawal) for number, withdrawal in enumerate(shown, 1)),
        _("Each change asks for your own code."),
    ]
    reviews = tuple(_review_row(_, number, withdrawal) for number, withdrawal in enumerate(shown, 1))
    rails = tuple(_rail_row(_, rail) for rail in desk.rails)
    last = (Button(_("Queue"), Action.QUEUE, "1"), Button(_("Refresh"), Action.DESK), Button(_("Home"), Action.HOME))
    return Card("\n".join(lines), (*reviews, *rails, last))


def queue(_: Words, page: int, payouts: list[Withdrawal], page_size: int) -> Card:
    """Payouts that are not settled, oldest first."""
    lines = [_queue_line(_, payout) for payout in payouts] or [_("Nothing is waiting.")]
    earlier = (Button(_("Earlier"), Action.QUEUE, str(page - 1)),) if page > 1 else ()
    later = (Button(_("Later"), Action.QUEUE, str(page + 1)),) if len(payouts) == page_size else ()
    turn = ((*earlier, *later),) if earlier or later else ()
    heading = _.bold(_("Payouts, page {page}", page=page))
    return Card("\n".join((heading, *lines)), (*turn, keyboards.back(_, Action.DESK)))


def rail_line(_: Words, rail: Rail) -> str:
    """One chain: what its payouts do, and the worker's alarm."""
    state = state_name(_, rail.state)
    if rail.alarm:
        return _("{asset}: {state}. ALARM: {alarm}", asset=_.ltr(rail.id), state=state, alarm=rail.alarm)
    return _("{asset}: {state}", asset=_.ltr(rail.id), state=state)


def state_name(_: Words, state: RailState) -> str:
    """What a switch stands at."""
    names = {
        RailState.RUNNING: _("running"),
        RailState.PAUSED: _("paused"),
        RailState.CLOSED: _("closed"),
    }
    return names[state]


def review_text(_: Words, facts: Mapping[str, Any]) -> str:
    """A withdrawal that waits for a decision, as reviewers are told of it."""
    asset = Asset(facts["asset"])
    lines = (
        _.bold(_("A withdrawal waits for review")),
        _("Person: {id}", id=_.ltr(str(facts.get("person", "?")))),
        _(
            "Amount: {amount} as {coins}",
            amount=_.amount(facts["amount_minor"]),
            coins=_.amount(facts["coin_minor"], asset),
        ),
        _("To address: {address}", address=_.code(facts["address"])),
        _("Reference: {id}", id=_.code(str(facts["id"]))),
    )
    return "\n".join(lines)


def review_rows(_: Words, withdrawal_id: str) -> tuple[Row, ...]:
    """Approve and Refuse of one withdrawal."""
    approve = Button(_("Approve"), Action.REVIEW_APPROVE, withdrawal_id)
    return ((approve, Button(_("Refuse"), Action.REVIEW_REFUSE, withdrawal_id)),)


def review_purpose(_: Words, *, approve: bool, reference: str) -> str:
    """What the admin's code is asked for."""
    shown = _.code(reference)
    return _("approve withdrawal {id}", id=shown) if approve else _("refuse withdrawal {id}", id=shown)


def rail_purpose(_: Words, asset: Asset, state: RailState) -> str:
    """What the admin's code is asked for."""
    return _("set payouts in {asset} to “{state}”", asset=_.ltr(asset), state=state_name(_, state))


def alarm_purpose(_: Words, asset: Asset) -> str:
    """What the owner's code is asked for."""
    return _("clear the alarm of {asset}", asset=_.ltr(asset))


def done(_: Words) -> Card:
    """An admin's change was made."""
    return Card(_("Done."), (keyboards.back(_, Action.DESK),))


def decided_before(_: Words, state: PayoutState) -> Card:
    """Somebody else was faster."""
    text = _("That was decided before; the withdrawal is now: {state}", state=payout_state(_, state))
    return Card(text, (keyboards.back(_, Action.DESK),))


def payout_state(_: Words, state: PayoutState) -> str:
    """Where a payout stands."""
    names = {
        PayoutState.REVIEW: _("in review"),
        PayoutState.QUEUED: _("queued"),
        PayoutState.BATCHED: _("in a batch"),
        PayoutState.SETTLED: _("paid"),
        PayoutState.REFUSED: _("refused"),
        PayoutState.CANCELLED: _("cancelled"),
        PayoutState.RETURNED: _("returned"),
    }
    return names[state]


def _review_line(_: Words, number: int, withdrawal: Withdrawal) -> str:
    return _(
        "{number}. {amount} as {coins} to {address}, person {person}",
        number=number,
        amount=_.amount(withdrawal.amount_minor),
        coins=_.amount(withdrawal.coin_minor, withdrawal.asset),
        address=_.code(withdrawal.address),
        person=_.ltr(str(withdrawal.person)),
    )


def _queue_line(_: Words, payout: Withdrawal) -> str:
    return _(
        "{coins} for person {person}: {state}",
        coins=_.amount(payout.coin_minor, payout.asset),
        person=_.ltr(str(payout.person)),
        state=payout_state(_, payout.state),
    )


def _review_row(_: Words, number: int, withdrawal: Withdrawal) -> Row:
    approve = _("Approve {number}", number=number)
    refuse = _("Refuse {number}", number=number)
    return (
        Button(approve, Action.REVIEW_APPROVE, withdrawal.id),
        Button(refuse, Action.REVIEW_REFUSE, withdrawal.id),
    )


def _rail_row(_: Words, rail: Rail) -> Row:
    asset = rail.id
    switches = {
        RailState.RUNNING: Button(_("Resume {asset}", asset=asset), Action.RAIL_RESUME, asset),
        RailState.PAUSED: Button(_("Pause {asset}", asset=asset), Action.RAIL_PAUSE, asset),
        RailState.CLOSED: Button(_("Close {asset}", asset=asset), Action.RAIL_CLOSE, asset),
    }
    clear = (Button(_("Clear alarm {asset}", asset=asset), Action.ALARM_CLEAR, asset),) if rail.alarm else ()
    return (*(button for state, button in switches.items() if state is not rail.state), *clear)
