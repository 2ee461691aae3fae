"""The admins' cards."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from bot.actions import Action
from bot.views import keyboards
from bot.views.card import Button, Card, Row
from bot.views.hot_wallet import level_line
from bot.views.rails import ALL, mode_line, rail_line, rail_row
from bot.views.words import Words
from wallet_core.domain.money import Asset
from wallet_core.domain.payout import Batch, BatchState, PayoutState, Withdrawal
from wallet_core.domain.people import Access
from wallet_core.domain.purchase import Rail
from wallet_core.domain.sweep import Own
from wallet_core.use_cases.show_batches import BatchesPage, BatchRow
from wallet_core.use_cases.show_desk import Desk, RailDesk
from wallet_core.use_cases.show_queue import QueuePage

#: How many reviews the desk's card shows with buttons.
REVIEWS_SHOWN = 5


def desk(_: Words, desk: Desk, access: Access = Access.SUPPORT) -> Card:
    """Every rail with its queue, what waits for a decision, and the ways to everything that this admin may do."""
    shown = desk.reviews[:REVIEWS_SHOWN]
    lines = [
        _.bold(_("Admin desk")),
        *([line] if (line := mode_line(_, desk.board)) else []),
        *(line for rail in desk.rails for line in _rail_lines(_, rail, desk.now)),
        _("Reviews waiting: {count}", count=desk.reviews_waiting),
        *([_("Cases waiting for a decision: {count}", count=desk.cases_open)] if desk.cases_open else []),
        *(_review_line(_, number, withdrawal) for number, withdrawal in enumerate(shown, 1)),
        _("Each change asks for your own code."),
    ]
    pays = access >= Access.FINANCE
    reviews = tuple(_review_row(_, number, withdrawal) for number, withdrawal in enumerate(shown, 1) if pays)
    rails = tuple(rail_row(_, rail.rail, pays=pays) for rail in desk.rails if pays)
    return Card("\n".join(lines), (*reviews, *rails, *_ways(_, access)))


def _ways(_: Words, access: Access) -> tuple[Row, ...]:
    """What the desk leads to, row by row, with how far one must reach. Whatever comes to the desk adds its row here."""
    ways: tuple[tuple[Access, Row], ...] = (
        (
            Access.SUPPORT,
            (
                Button(_("Queue"), Action.QUEUE, "1"),
                Button(_("Batches"), Action.BATCHES, "1"),
                Button(_("Cases"), Action.CASES, "1"),
            ),
        ),
        (Access.FINANCE, (Button(_("Policies"), Action.POLICIES), Button(_("Mass sends"), Action.MASS_SENDS, "1"))),
        (Access.FINANCE, (Button(_("Applications"), Action.KYC_QUEUE, "1"), Button(_("Limits"), Action.LEVELS))),
        (Access.SUPPORT, (Button(_("Reviews"), Action.REVIEWS, "1"),)),
        (Access.FINANCE, (Button(_("Approvals"), Action.APPROVALS, "1"),)),
        (Access.OWNER, (Button(_("Audit log"), Action.AUDIT),)),
        (
            Access.SUPPORT,
            (
                Button(_("Hot wallets"), Action.HOT_WALLETS),
                Button(_("Rates"), Action.RATES),
                Button(_("Fees"), Action.FEES),
            ),
        ),
        (
            Access.SUPPORT,
            (
                Button(_("Statistics"), Action.STATISTICS),
                Button(_("Health"), Action.HEALTH),
                Button(_("Alarms"), Action.ALERTS),
            ),
        ),
        (Access.FINANCE, (Button(_("All rails"), Action.RAIL, ALL), Button(_("Whole wallet"), Action.MODE))),
        (Access.SUPPORT, (Button(_("Refresh"), Action.DESK), Button(_("Home"), Action.HOME))),
    )
    return tuple(row for needed, row in ways if access >= needed)


def _rail_lines(_: Words, desk: RailDesk, now: datetime) -> tuple[str, ...]:
    if _is_card(desk.rail):
        return (rail_line(_, desk.rail),)
    level = level_line(_, desk.level) if desk.level else ""
    lines = (rail_line(_, desk.rail), _queue_of(_, desk, now), _flight_of(_, desk), level)
    return tuple(line for line in lines if line)


def _is_card(rail: Rail) -> bool:
    """Nothing is paid out to cards, so it is purchases that are switched."""
    return rail.id is Asset.USD


def _queue_of(_: Words, desk: RailDesk, now: datetime) -> str:
    asked = _("A batch was asked for and is not formed yet.") if desk.rail.pay_asked > desk.rail.pay_heard else ""
    if desk.oldest_at is None:
        return " ".join(part for part in (_("Queued: 0."), asked) if part)
    queued = _("Queued: {count}, the oldest for {age}.", count=desk.queued, age=age(_, now - desk.oldest_at))
    return " ".join(part for part in (queued, asked) if part)


def _flight_of(_: Words, desk: RailDesk) -> str:
    if not desk.batches:
        return ""
    if desk.unknown:
        return _(
            "On their way: {count} payouts, batches {batches}, of them unknown {unknown}.",
            count=desk.in_flight,
            batches=desk.batches,
            unknown=desk.unknown,
        )
    return _("On their way: {count} payouts, batches {batches}.", count=desk.in_flight, batches=desk.batches)


def queue(_: Words, page: QueuePage) -> Card:
    """Payouts that are not settled, oldest first."""
    lines = [_queue_line(_, payout, page.now) for payout in page.payouts] or [_("Nothing is waiting.")]
    heading = _.bold(_("Payouts, page {page}", page=page.number))
    turn = keyboards.pages(_, Action.QUEUE, page.number, has_more=page.has_more)
    return Card("\n".join((heading, *lines)), (*turn, keyboards.back(_, Action.DESK)))


def batches(_: Words, page: BatchesPage) -> Card:
    """Batches that are not settled, oldest first, each with where it stands and what was tried."""
    blocks = [_batch_block(_, row) for row in page.rows] or [_("Nothing is on its way.")]
    heading = _.bold(_("Batches, page {page}", page=page.number))
    turn = keyboards.pages(_, Action.BATCHES, page.number, has_more=page.has_more)
    refresh = (Button(_("Refresh"), Action.BATCHES, str(page.number)),)
    buttons = [Button(f"{row.batch.asset} {row.batch.id[:8]}", Action.BATCH, row.batch.id) for row in page.rows]
    ones = tuple(tuple(buttons[start : start + 2]) for start in range(0, len(buttons), 2))
    return Card("\n\n".join((heading, *blocks)), (*turn, *ones, refresh, keyboards.back(_, Action.DESK)))


def _batch_block(_: Words, row: BatchRow) -> str:
    batch, txid = row.batch, row.batch.txid or (row.newest.txid if row.newest else None)
    facts = {
        "asset": _.ltr(batch.asset),
        "id": _.code(batch.id),
        "state": batch_state(_, batch.state),
        "payouts": len(batch.payouts),
        "deposits": len(batch.invoices),
        "attempts": row.attempts,
    }
    lines = (
        _batch_named(_, batch, facts),
        _("UNKNOWN: it is looked up until it is clear.") if batch.unknown else "",
        _("Transaction: {txid}", txid=_.code(txid)) if txid else "",
    )
    return "\n".join(line for line in lines if line)


def _batch_named(_: Words, batch: Batch, facts: Mapping[str, Any]) -> str:
    if batch.sweep:
        return _("{asset} sweep {id}: {state}, deposits {deposits}, attempts {attempts}", **facts)
    if batch.own is Own.SURPLUS:
        stored = _.amount(batch.stored_minor, batch.asset)
        return _("{asset} {id}: {stored} for the cold wallet: {state}, attempts {attempts}", stored=stored, **facts)
    if batch.own is Own.SMALL:
        coins = len(batch.inputs)
        return _("{asset} {id}: small coins gathered: {coins}, {state}, attempts {attempts}", coins=coins, **facts)
    return _("{asset} batch {id}: {state}, payouts {payouts}, attempts {attempts}", **facts)


def batch_state(_: Words, state: BatchState) -> str:
    """Where a batch stands."""
    names = {
        BatchState.FORMED: _("formed"),
        BatchState.SIGNED: _("signed"),
        BatchState.BROADCAST: _("given to the network"),
        BatchState.CONFIRMED: _("in the chain"),
        BatchState.SETTLED: _("settled"),
        BatchState.REVERTED: _("failed in the chain"),
        BatchState.ABANDONED: _("abandoned"),
    }
    return names[state]


def age(_: Words, waited: timedelta) -> str:
    """How long something has waited, in the one unit that says enough."""
    minutes = max(0, int(waited.total_seconds())) // 60
    if minutes < 120:
        return _.plural("{count} minute", "{count} minutes", minutes)
    if minutes < 48 * 60:
        return _.plural("{count} hour", "{count} hours", minutes // 60)
    return _.plural("{count} day", "{count} days", minutes // (24 * 60))


def review_purpose(_: Words, *, approve: bool, reference: str) -> str:
    """What the admin's code is asked for."""
    shown = _.code(reference)
    return _("approve withdrawal {id}", id=shown) if approve else _("refuse withdrawal {id}", id=shown)


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


def _queue_line(_: Words, payout: Withdrawal, now: datetime) -> str:
    return _(
        "{coins} for person {person}: {state}, for {age}",
        coins=_.amount(payout.coin_minor, payout.asset),
        person=_.ltr(str(payout.person)),
        state=payout_state(_, payout.state),
        age=age(_, now - (payout.created_at or now)),
    )


def _review_row(_: Words, number: int, withdrawal: Withdrawal) -> Row:
    approve = _("Approve {number}", number=number)
    refuse = _("Refuse {number}", number=number)
    return (
        Button(approve, Action.REVIEW_APPROVE, withdrawal.id),
        Button(refuse, Action.REVIEW_REFUSE, withdrawal.id),
    )
