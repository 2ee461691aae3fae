"""What a person did: the history with its filters, one record of it, and the statement."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Self

from bot.actions import Action
from bot.views import keyboards
from bot.views.card import Button, Card, File, Row
from bot.views.confirmations import person_named
from bot.views.kinds import kind_name
from bot.views.networks import Networks, network
from bot.views.words import Html, Words
from wallet_core.domain.history import Filter
from wallet_core.domain.money import Asset
from wallet_core.domain.statement import Statement
from wallet_core.use_cases.journal_pages import Towards
from wallet_core.use_cases.show_history import HistoryPage, HistoryRow
from wallet_core.use_cases.show_record import RecordDetail

#: As many buttons as Telegram shows in one row.
_NUMBERS_IN_A_ROW: Final = 8


@dataclass(frozen=True, slots=True)
class Position:
    """Which page of the history a button shows; ``place`` is where it goes on from, None for either end."""

    shown: Filter = Filter.ALL
    towards: Towards = Towards.OLDER
    place: int | None = None

    @classmethod
    def of(cls, argument: str) -> Self:
        """The position in a button's argument; the newest page for anything that is none."""
        shown, towards, place, *_ = [*argument.split(), *[""] * 3]
        try:
            return cls(Filter(shown), Towards(towards), int(place) if place != "-" else None)
        except ValueError:
            return cls()

    def __str__(self) -> str:
        return f"{self.shown} {self.towards} {'-' if self.place is None else self.place}"


def history(_: Words, page: HistoryPage, position: Position) -> Card:
    """One page, newest first. Each line has a number, and a button with the number opens it."""
    heading = _.bold(_("History: {filter}", filter=_filters(_)[page.shown]))
    lines = [f"{number}. {line(_, row)}" for number, row in enumerate(page.rows, 1)]
    numbers = [Button(str(n), Action.RECORD, f"{position} {row.key}") for n, row in enumerate(page.rows, 1)]
    starts = range(0, len(numbers), _NUMBERS_IN_A_ROW)
    rows = (
        *(tuple(numbers[start : start + _NUMBERS_IN_A_ROW]) for start in starts),
        *_turning(_, page),
        *_filter_rows(_, page.shown),
        (Button(_("Statement"), Action.STATEMENT), Button(_("Home"), Action.HOME)),
    )
    return Card("\n".join((heading, *(lines or [_("Nothing of that has happened yet.")]))), rows)


def _filters(_: Words) -> dict[Filter, Html]:
    return {
        Filter.ALL: _("everything"),
        Filter.IN: _("money in"),
        Filter.OUT: _("money out"),
        Filter.TRANSFERS: _("transfers"),
        Filter.PURCHASES: _("purchases"),
        Filter.WITHDRAWALS: _("withdrawals"),
        Filter.ACCOUNT: _("account and security"),
    }


def _filter_rows(_: Words, shown: Filter) -> tuple[Row, ...]:
    """A button for every filter but the one that is shown: the heading names that."""
    buttons = [
        Button(name[0].upper() + name[1:], Action.HISTORY, str(Position(choice)))
        for choice, name in _filters(_).items()
        if choice is not shown
    ]
    return tuple(buttons[:2]), tuple(buttons[2:4]), tuple(buttons[4:])


def _turning(_: Words, page: HistoryPage) -> tuple[Row, ...]:
    def button(label: str, towards: Towards, place: int | None) -> Button:
        return Button(label, Action.HISTORY, str(Position(page.shown, towards, place)))

    newer = (button(_("Newest"), Towards.OLDER, None), button(_("Newer"), Towards.NEWER, page.newer))
    older = (button(_("Older"), Towards.OLDER, page.older), button(_("Oldest"), Towards.NEWER, None))
    row = (*(newer if page.newer is not None else ()), *(older if page.older is not None else ()))
    return (row,) if row else ()


def line(_: Words, row: HistoryRow) -> str:
    """One record in one line: when, what, and by how much it changed what may be spent."""
    what, at = kind_name(_, row), _.moment(row.at)
    if not row.amount_minor:
        return _("{at} – {what}", at=at, what=what)
    return _("{at} – {what}: {amount}", at=at, what=what, amount=_.bold(_.signed(row.amount_minor)))


def record(_: Words, detail: RecordDetail, position: Position, networks: Networks) -> Card:
    """Everything that is known of one record."""
    row = detail.row
    lines = [
        _.bold(kind_name(_, row)),
        _.instant(row.at),
        *_changes(_, detail),
        *([_("Fee: {amount}", amount=_.amount(detail.fee_minor))] if detail.fee_minor else []),
        *_other(_, detail),
        *_coins(_, detail, networks),
        *([_("Invoice: {id}", id=_.code(detail.invoice))] if detail.invoice else []),
        *([_("Transaction: {txid}", txid=_.code(str(detail.txid)))] if detail.txid else []),
        _("Reference: {id}", id=_.code(row.key)),
    ]
    return Card("\n".join(lines), (keyboards.back(_, Action.HISTORY, str(position)),))


def _changes(_: Words, detail: RecordDetail) -> list[str]:
    changes = (
        (_("Available"), detail.row.available_minor, detail.available_after_minor),
        (_("Held"), detail.row.held_minor, detail.held_after_minor),
    )
    return [
        _("{account}: {change}, then {after}", account=name, change=_.bold(_.signed(change)), after=_.amount(after))
        for name, change, after in changes
        if after is not None
    ]


def _other(_: Words, detail: RecordDetail) -> list[str]:
    if detail.other_id is None:
        return []
    name = person_named(_, detail.other_name or "?", detail.other_id)
    is_mine = detail.row.facts.get("recipient") == detail.other_id
    return [_("To: {name}", name=name) if is_mine else _("From: {name}", name=name)]


def _coins(_: Words, detail: RecordDetail, networks: Networks) -> list[str]:
    if detail.asset is None:
        return []
    if detail.asset is Asset.USD:
        return [_("Paid by card: {amount}", amount=_.amount(detail.coin_minor, Asset.USD))]
    address = _("Address: {address}", address=_.code(detail.address)) if detail.address else ""
    lines = [
        _("Coins: {amount}", amount=_.amount(detail.coin_minor, detail.asset)),
        _("Network: {network}", network=network(_, detail.asset, networks.get(detail.asset))),
        address,
    ]
    return [line for line in lines if line]


def statement(_: Words, made: Statement, table: bytes) -> Card:
    """The statement as a file; its caption has the figures that sum it up."""
    closing = _.bold(_.amount(made.closing_total_minor))
    is_over = made.end <= made.made_at
    lines = [
        _.bold(_("Statement")),
        _("From {start} until before {end}", start=_.instant(made.start), end=_.instant(made.end)),
        _("Opening balance: {amount}", amount=_.amount(made.opening_total_minor)),
        _.plural("{count} movement", "{count} movements", made.movements),
        _("Closing balance: {amount}", amount=closing) if is_over else _("Balance now: {amount}", amount=closing),
        _("Available and held together; the file has both, and every reference."),
    ]
    name = f"statement-{made.start:%Y-%m-%d}-{made.end:%Y-%m-%d}.csv"
    return Card("\n".join(lines), (keyboards.back(_, Action.HISTORY),), file=File(name, table))
