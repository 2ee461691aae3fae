"""What a person has and may do: balance, limits, levels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from bot.actions import Action
from bot.views import chart, keyboards
from bot.views.card import Button, Card, File
from bot.views.policies import operation_name
from bot.views.words import Words
from wallet_core.domain.guards import Guards
from wallet_core.domain.kyc import PURCHASE_WITH, Limit, Operation
from wallet_core.domain.money import Asset
from wallet_core.use_cases.daily_balances import DayBalance
from wallet_core.use_cases.show_balance import BalanceSheet
from wallet_core.use_cases.show_limits import LimitRow, LimitSheet

#: Limits that are taken beside that of purchases in all.
_WAYS: Final = frozenset(PURCHASE_WITH.values())
#: The level that takes an identity document; the one above it takes papers about the money.
_WITH_PAPERS: Final = 2


def owed_lines(_: Words, guards: Guards) -> list[str]:
    """What a person owes, if they do, and what that means."""
    if not guards.debt_minor:
        return []
    owed = _.bold(_.amount(guards.debt_minor))
    return [_("Owed: {amount}. What comes in pays for it first, and nothing leaves until then.", amount=owed)]


def balance(_: Words, sheet: BalanceSheet, guards: Guards) -> Card:
    """What may be spent, what is held, what both are worth, and what is owed."""
    text = "\n".join(
        (
            _.bold(_("Balance")),
            _("Available: {amount}", amount=_.bold(_.amount(sheet.available_minor))),
            _("Held for withdrawals, limits, disputes and claims: {amount}", amount=_.amount(sheet.held_minor)),
            _("Worth about {usd} in all", usd=_.amount(sheet.usd_minor, Asset.USD)),
            *owed_lines(_, guards),
        )
    )
    reading = (Button(_("30 days"), Action.BALANCE_CHART), Button(_("History"), Action.HISTORY))
    return Card(text, (reading, keyboards.home(_)))


def balance_chart(_: Words, days: Sequence[DayBalance], png: bytes) -> Card:
    """What the person had at the end of each day: a picture, and the same facts in words."""
    first, last = days[0], days[-1]
    highest = max(days, key=lambda day: day.balance_minor)
    lowest = min(days, key=lambda day: day.balance_minor)
    lines = [
        _.bold(_.plural("Your balance of {count} day", "Your balance of {count} days", len(days))),
        _.code(chart.sparkline([day.balance_minor for day in days])),
        _("First day, {day}: {amount}", day=_.ltr(f"{first.day}"), amount=_.amount(first.balance_minor)),
        _("Highest, {day}: {amount}", day=_.ltr(f"{highest.day}"), amount=_.amount(highest.balance_minor)),
        _("Lowest, {day}: {amount}", day=_.ltr(f"{lowest.day}"), amount=_.amount(lowest.balance_minor)),
        _("Now: {amount}", amount=_.bold(_.amount(last.balance_minor))),
        _("Available and held together, when each day ended."),
    ]
    rows = (keyboards.back(_, Action.BALANCE),)
    return Card("\n".join(lines), rows, file=File("balance.png", png, is_picture=True))


def limits(_: Words, sheet: LimitSheet) -> Card:
    """Used and left today, by count and by amount, for each operation, and what the next level gives."""
    blocks = [_limit_block(_, sheet, row) for row in sheet.rows if row.operation not in _WAYS]
    heading = _.bold(_("Daily limits at level {level}", level=sheet.level))
    frees = _("Everything is free again at {frees}.", frees=_.moment(sheet.frees_at))
    rows = ((Button(_("Levels"), Action.KYC), Button(_("Home"), Action.HOME)),)
    return Card("\n\n".join((heading, *blocks, "\n".join((frees, *_next_table(_, sheet))))), rows)


def levels(_: Words, sheet: LimitSheet) -> Card:
    """The person's level, what each higher one needs, and what it gives."""
    needs = [_needs(_, level) for level in sorted(sheet.higher)]
    lines = (
        _.bold(_("Your level is {level}", level=sheet.level)),
        _("A day at your level, and above it:") if needs else _("It is the highest. A day at your level:"),
        *(_level_line(_, sheet, row) for row in sheet.rows),
        *needs,
        *_next_table(_, sheet),
    )
    return Card("\n".join(lines), ((Button(_("Limits"), Action.LIMITS), Button(_("Home"), Action.HOME)),))


def _limit_block(_: Words, sheet: LimitSheet, row: LimitRow) -> str:
    """One operation; below purchases in all those that are paid in each way, which count as both."""
    lines = [_limit_lines(_, row)]
    if row.next_level:
        there = _allowance(_, row.next_level)
        lines.append(_("Level {level} has {there}.", level=sheet.level + 1, there=there))
    if row.operation is Operation.PURCHASE:
        lines += [_way_line(_, way) for way in sheet.rows if way.operation in _WAYS]
    return "\n".join(lines)


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


def _way_line(_: Words, row: LimitRow) -> str:
    here = _(
        "• {operation}: {used} of {limit}, and {used_amount} of {limit_amount}",
        operation=operation_name(_, row.operation),
        used=row.used.count,
        limit=row.limit.count,
        used_amount=_.amount(row.used.amount_minor),
        limit_amount=_.amount(row.limit.amount_minor),
    )
    if row.next_level is None:
        return here
    return _("{here}; next level: {there}", here=here, there=_allowance(_, row.next_level))


def _level_line(_: Words, sheet: LimitSheet, row: LimitRow) -> str:
    name, here = _.bold(operation_name(_, row.operation)), _allowance(_, row.limit)
    line = _("{operation}: {here}", operation=name, here=here)
    for level in sorted(sheet.higher):
        there = _allowance(_, sheet.higher[level][row.operation])
        line = _("{line}; level {level}: {there}", line=line, level=level, there=there)
    return line


def _needs(_: Words, level: int) -> str:
    if level == _WITH_PAPERS:
        return _("Level {level} needs your own contact, an identity document and a selfie.", level=level)
    return _("Level {level} needs proof of your address and of where your money comes from.", level=level)


def _next_table(_: Words, sheet: LimitSheet) -> list[str]:
    if sheet.next_table is None or sheet.next_table.begins_at is None:
        return []
    return [_("Other limits count from {moment} on.", moment=_.moment(sheet.next_table.begins_at))]


def _allowance(_: Words, limit: Limit) -> str:
    return _("{count} and {amount}", count=limit.count, amount=_.amount(limit.amount_minor))
