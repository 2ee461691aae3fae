"""What a person has, may do and did: balance, limits, levels, history."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from bot.actions import Action
from bot.views import keyboards
from bot.views.card import Button, Card
from bot.views.policies import operation_name
from bot.views.words import Words
from wallet_core.domain.kyc import Limit
from wallet_core.domain.money import Asset, plain
from wallet_core.use_cases.show_balance import BalanceSheet
from wallet_core.use_cases.show_history import HistoryPage, HistoryRow
from wallet_core.use_cases.show_limits import LimitRow, LimitSheet


def balance(_: Words, sheet: BalanceSheet) -> Card:
    """What may be spent, what is held, and what both are worth."""
    text = "\n".join(
        (
            _.bold(_("Balance")),
            _("Available: {amount}", amount=_.bold(_.amount(sheet.available_minor))),
            _("Held for withdrawals and limits: {amount}", amount=_.amount(sheet.held_minor)),
            _("Worth about {usd} in all", usd=_.amount(sheet.usd_minor, Asset.USD)),
        )
    )
    return Card(text, ((Button(_("History"), Action.HISTORY), Button(_("Home"), Action.HOME)),))


def limits(_: Words, sheet: LimitSheet) -> Card:
    """Used and left today, by count and by amount, for each operation."""
    blocks = [_limit_lines(_, row) for row in sheet.rows]
    heading = _.bold(_("Daily limits at level {level}", level=sheet.level))
    frees = _("Everything is free again at {frees}.", frees=_.moment(sheet.frees_at))
    rows = ((Button(_("Levels"), Action.KYC), Button(_("Home"), Action.HOME)),)
    return Card("\n\n".join((heading, *blocks, frees)), rows)


def levels(_: Words, sheet: LimitSheet) -> Card:
    """The person's level, and what the next one gives."""
    has_next = any(row.next_level for row in sheet.rows)
    lines = [_level_line(_, row) for row in sheet.rows]
    text = "\n".join(
        (
            _.bold(_("Your level is {level}", level=sheet.level)),
            _("A day at your level, and at the next one:")
            if has_next
            else _("It is the highest. A day at your level:"),
            *lines,
        )
    )
    return Card(text, ((Button(_("Limits"), Action.LIMITS), Button(_("Home"), Action.HOME)),))


def history(_: Words, page: HistoryPage) -> Card:
    """One page, newest first."""
    heading = _.bold(_("History, page {page} of {pages}", page=page.page, pages=page.pages))
    lines = [_history_line(_, row) for row in page.rows] or [_("Nothing has happened yet.")]
    rows = (*keyboards.pages(_, Action.HISTORY, page.page, page.pages), keyboards.home(_))
    return Card("\n".join((heading, *lines)), rows)


def _limit_lines(_: Words, row: LimitRow) -> str:
    name = operation_name(_, row.operation)
    left = row.limit.amount_minor - row.used.amount_minor
    return _(
        "{operation}: {used} of {limit} used, {left} left\n{used_amount} of {limit_amount} used, {left_amount} left",
        operation=_.bold(name),
        used=row.used.count,
        limit=row.limit.count,
        left=max(0, row.limit.count - row.used.count),
        used_amount=_.amount(row.used.amount_minor),
        limit_amount=_.amount(row.limit.amount_minor),
        left_amount=_.amount(max(0, left)),
    )


def _level_line(_: Words, row: LimitRow) -> str:
    name = _.bold(operation_name(_, row.operation))
    here = _allowance(_, row.limit)
    if row.next_level is None:
        return _("{operation}: {here}", operation=name, here=here)
    return _("{operation}: {here}; next level: {there}", operation=name, here=here, there=_allowance(_, row.next_level))


def _allowance(_: Words, limit: Limit) -> str:
    return _("{count} and {amount}", count=limit.count, amount=_.amount(limit.amount_minor))


def _history_line(_: Words, row: HistoryRow) -> str:
    what, at = kind_name(_, row), _.moment(row.at)
    if not row.amount_minor:
        return _("{at} – {what}", at=at, what=what)
    sign = "+" if row.amount_minor > 0 else "−"
    amount = _.ltr(f"{sign}{plain(abs(row.amount_minor), Asset.ITD)} {Asset.ITD}")
    return _("{at} – {what}: {amount}", at=at, what=what, amount=_.bold(amount))


def kind_name(_: Words, row: HistoryRow) -> str:
    """What the journal's kind of record means to a person."""
    teller = _KINDS.get(row.kind)
    return teller(_, row) if teller else row.kind.replace("_", " ")


def _sent(_: Words, row: HistoryRow) -> str:
    return _("sent") if row.amount_minor < 0 else _("received")


def _coin(facts: Mapping[str, Any]) -> str:
    return str(facts.get("asset") or "")


def _invoice_issued(_: Words, row: HistoryRow) -> str:
    return _("invoice in {asset}", asset=_coin(row.facts))


def _withdrawal_held(_: Words, row: HistoryRow) -> str:
    return _("withdrawal requested in {asset}", asset=_coin(row.facts))


def _fixed(text: str) -> Callable[[Words, HistoryRow], str]:
    return lambda _, row: _(text)


def _(text: str) -> str:
    """Marks a text for the catalogues where it is translated later."""
    return text


_KINDS: Final[Mapping[str, Callable[[Words, HistoryRow], str]]] = {
    "sent": _sent,
    "invoice_issued": _invoice_issued,
    "invoice_expired": _fixed(_("invoice expired")),
    "purchase_credited": _fixed(_("purchase credited")),
    "purchase_held": _fixed(_("purchase arrived above the day's limit and waits")),
    "purchase_released": _fixed(_("waiting purchase released")),
    "withdrawal_held": _withdrawal_held,
    "withdrawal_settled": _fixed(_("withdrawal paid")),
    "withdrawal_refused": _fixed(_("withdrawal refused")),
    "withdrawal_cancelled": _fixed(_("withdrawal cancelled")),
    "withdrawal_returned": _fixed(_("withdrawal returned")),
    "withdrawal_approved": _fixed(_("withdrawal approved")),
    "enrolment_begun": _fixed(_("pairing of an authenticator begun")),
    "two_factor_enabled": _fixed(_("authenticator paired")),
    "recovery_code_used": _fixed(_("recovery code used")),
    "person_frozen": _fixed(_("wallet frozen")),
    "person_thawed": _fixed(_("wallet unfrozen")),
    "rail_switched": _fixed(_("payouts switched")),
    "alarm_cleared": _fixed(_("alarm cleared")),
}
