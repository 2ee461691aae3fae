"""The buttons that several cards share."""

from __future__ import annotations

from bot.actions import Action
from bot.views.card import Button, Row
from bot.views.words import Words
from wallet_core.domain.money import Asset


def home(_: Words) -> Row:
    """The way back to the home card."""
    return (Button(_("Home"), Action.HOME),)


def back(_: Words, action: Action, argument: str | None = None) -> Row:
    """The way back to the card before, and home."""
    return (Button(_("Back"), action, argument), Button(_("Home"), Action.HOME))


def confirmation(_: Words, confirm: Action, cancel: Action, argument: str) -> tuple[Row, ...]:
    """Confirm and, as near, Cancel."""
    return ((Button(_("Confirm"), confirm, argument), Button(_("Cancel"), cancel, argument)),)


def pages(_: Words, action: Action, page: int, *, has_more: bool) -> tuple[Row, ...]:
    """The ways to the page before and the page after, as far as there are any; the button carries the number."""
    earlier = (Button(_("Earlier"), action, str(page - 1)),) if page > 1 else ()
    later = (Button(_("Later"), action, str(page + 1)),) if has_more else ()
    return ((*earlier, *later),) if earlier or later else ()


def cancel(_: Words, action: Action, argument: str | None = None) -> Button:
    """The way out of a question."""
    return Button(_("Cancel"), action, argument)


def main_menu(_: Words, *, is_admin: bool) -> tuple[Row, ...]:
    """A button for each unit."""
    desk: tuple[Row, ...] = ((Button(_("Admin desk"), Action.DESK),),) if is_admin else ()
    return (
        (Button(_("Send"), Action.SEND), Button(_("Receive"), Action.RECEIVE)),
        (Button(_("Buy"), Action.BUY), Button(_("Withdraw"), Action.WITHDRAW)),
        (
            Button(_("Balance"), Action.BALANCE),
            Button(_("History"), Action.HISTORY),
            Button(_("Limits"), Action.LIMITS),
        ),
        (Button(_("Withdrawals"), Action.WITHDRAWALS), Button(_("Levels"), Action.KYC)),
        (Button(_("Freeze"), Action.FREEZE), Button(_("Settings"), Action.SETTINGS), Button(_("Help"), Action.HELP)),
        *desk,
    )


def assets(_: Words, action: Action, choices: tuple[Asset, ...]) -> Row:
    """A button for each coin, named by its ticker, and one for the card."""
    return tuple(Button(_("Card") if one is Asset.USD else one.value, action, one.value) for one in choices)
