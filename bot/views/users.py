"""A person as the desk sees them: one card with everything, and their timeline."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final

from bot.actions import Action
from bot.views import keyboards, security
from bot.views.card import Button, Card, Row
from bot.views.confirmations import person_named
from bot.views.desk import payout_state
from bot.views.history import line as history_line
from bot.views.policies import operation_name
from bot.views.roles import role_name
from bot.views.words import LANGUAGES, Html, Words
from wallet_core.domain.freeze import Freeze
from wallet_core.domain.money import Asset
from wallet_core.domain.payout import Withdrawal
from wallet_core.domain.people import Access, Person, Role, access_of
from wallet_core.domain.purchase import Invoice, InvoiceState
from wallet_core.use_cases.journal_pages import Towards
from wallet_core.use_cases.look_up_person import PersonSheet
from wallet_core.use_cases.show_history import HistoryPage
from wallet_core.use_cases.show_limits import LimitRow

#: Rows of buttons about a person that stand on the card, for an admin of this role; each unit adds its own.
PersonRows = Callable[[Words, PersonSheet, Role | None], tuple[Row, ...]]


def _looking(_: Words, sheet: PersonSheet, _role: Role | None) -> tuple[Row, ...]:
    person = str(sheet.person)
    return ((Button(_("Timeline"), Action.USER_TIMELINE, person), Button(_("Refresh"), Action.USER, person)),)


def _freezing(_: Words, sheet: PersonSheet, role: Role | None) -> tuple[Row, ...]:
    freeze = sheet.guards.freeze(sheet.now)
    return security.freeze_rows(_, sheet.person, freeze, role)


def _reviewing(_: Words, sheet: PersonSheet, role: Role | None) -> tuple[Row, ...]:
    """Only who may review sees it; one's own application nobody reviews."""
    if access_of(role) < Access.FINANCE:
        return ()
    return ((Button(_("Application for a level"), Action.KYC_REVIEW, str(sheet.person)),),)


PERSON_ROWS: Final[tuple[PersonRows, ...]] = (_looking, _freezing, _reviewing)


def user(_: Words, sheet: PersonSheet, role: Role | None) -> Card:
    """Profile, safety, money, what is under way."""
    lines = [
        *_profile(_, sheet),
        *_safety(_, sheet),
        *_money(_, sheet),
        *_listed(_, _("Withdrawals"), [_withdrawal(_, one) for one in sheet.withdrawals]),
        *_listed(_, _("Purchases"), [_purchase(_, one) for one in sheet.purchases]),
        *_listed(_, _("Cases"), [f"{one.kind}, {one.state}, {_.code(one.id)}" for one in sheet.cases]),
        _("That you looked is recorded."),
    ]
    rows = (row for part in PERSON_ROWS for row in part(_, sheet, role))
    return Card("\n".join(lines), (*rows, keyboards.back(_, Action.DESK)))


def several(_: Words, people: Sequence[Person]) -> Card:
    """A transaction pays many: one of them is chosen."""
    lines = [f"{number}. {person_named(_, one.display_name, one.id)}" for number, one in enumerate(people, 1)]
    row = tuple(Button(str(number), Action.USER, str(one.id)) for number, one in enumerate(people, 1))
    text = "\n".join((_.bold(_("That was several people. Whom do you mean?")), *lines))
    return Card(text, ((row,) if row else ()) + (keyboards.back(_, Action.DESK),))


def timeline(_: Words, person: int, page: HistoryPage) -> Card:
    """A page of what happened, newest first."""
    lines = [history_line(_, row) for row in page.rows] or [_("Nothing of that has happened yet.")]
    heading = _.bold(_("Timeline of person {id}", id=_.ltr(str(person))))
    turning = (
        *_turn(_, _("Newer"), person, Towards.NEWER, page.newer),
        *_turn(_, _("Older"), person, Towards.OLDER, page.older),
    )
    return Card(
        "\n".join((heading, *lines)), ((turning,) if turning else ()) + (keyboards.back(_, Action.USER, str(person)),)
    )


def _turn(_: Words, label: str, person: int, towards: Towards, place: int | None) -> tuple[Button, ...]:
    return () if place is None else (Button(label, Action.USER_TIMELINE, f"{person} {towards} {place}"),)


def _profile(_: Words, sheet: PersonSheet) -> list[str]:
    known = sheet.profile
    if known is None:
        return [_.bold(_.ltr(f"id {sheet.person}")), _("Never wrote to the bot.")]
    username = _.ltr(f"@{known.username}") if known.username else "–"
    return [
        _.bold(person_named(_, known.display_name, known.id)),
        _("Name at Telegram: {name}, language: {language}", name=username,
          language=LANGUAGES.get(known.language, known.language)),
        _("Last seen: {at}", at=_.instant(known.seen_at)),
        *([_("Role: {role}", role=role_name(_, sheet.role))] if sheet.role else []),
    ]  # fmt: skip


def _safety(_: Words, sheet: PersonSheet) -> list[str]:
    guards = sheet.guards
    since = guards.enrolled_at or guards.member_since
    waits = guards.withdrawals_from
    return [
        _("Level: {level}", level=guards.level),
        _("Two-factor authentication: on, since {since}", since=_at(_, since)) if guards.enrolled
        else _("Two-factor authentication: OFF"),
        *_frozen(_, guards.freeze(sheet.now)),
        *([_("A reset of the second factor is under way.")] if guards.reset else []),
        *([_("A move to another Telegram account is under way.")] if guards.move else []),
        *([_("Withdrawals wait until {until}.", until=_.instant(waits))] if waits and waits > sheet.now else []),
    ]  # fmt: skip


def _frozen(_: Words, freeze: Freeze | None) -> list[str]:
    if freeze is None:
        return [_("Not frozen.")]
    return [
        _("FROZEN since {since} by {who}", since=_at(_, freeze.at), who=_.ltr(freeze.by or "?")),
        *([_("Why: {why}", why=freeze.reason)] if freeze.reason else []),
        *([_("It ends by itself at {until}.", until=_.instant(freeze.until))] if freeze.until else []),
    ]


def _at(_: Words, at: datetime | None) -> Html:
    return _.instant(at) if at else Html("?")


def _money(_: Words, sheet: PersonSheet) -> list[str]:
    if sheet.balance is None or sheet.limits is None:
        return []
    balance, guards = sheet.balance, sheet.guards
    return [
        _("Available: {amount}", amount=_.bold(_.amount(balance.available_minor))),
        _("Held: {amount}", amount=_.amount(balance.held_minor)),
        *([_("Owed: {amount}", amount=_.amount(guards.debt_minor))] if guards.debt_minor else []),
        *([_("Disputed card payments: {count}", count=len(guards.disputes))] if guards.disputes else []),
        _("Today:"),
        *(_used(_, row) for row in sheet.limits.rows if row.used.count),
        *([] if any(row.used.count for row in sheet.limits.rows) else [_("• nothing")]),
    ]


def _used(_: Words, row: LimitRow) -> Html:
    return _(
        "• {operation}: {used} of {limit}, {used_amount} of {limit_amount}",
        operation=operation_name(_, row.operation),
        used=row.used.count,
        limit=row.limit.count,
        used_amount=_.amount(row.used.amount_minor),
        limit_amount=_.amount(row.limit.amount_minor),
    )


def _listed(_: Words, title: Html, lines: list[str]) -> list[str]:
    return [_.bold(title), *(f"• {one}" for one in lines)] if lines else []


def _withdrawal(_: Words, one: Withdrawal) -> str:
    coins, state = _.amount(one.coin_minor, one.asset), payout_state(_, one.state)
    return f"{_at(_, one.created_at)}: {coins}, {state}, {_.code(one.id)}"


def _purchase(_: Words, one: Invoice) -> str:
    names = {
        InvoiceState.OPEN: _("open"),
        InvoiceState.CREDITED: _("credited"),
        InvoiceState.EXPIRED: _("expired"),
    }
    amount = _.amount(one.amount_minor)
    by = _("by card") if one.asset is Asset.USD else _.ltr(one.asset)
    return f"{_at(_, one.created_at)}: {amount}, {by}, {names[one.state]}, {_.code(one.id)}"
