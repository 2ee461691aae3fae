"""The screening list, as admins see it."""

from __future__ import annotations

from bot.actions import Action
from bot.views import keyboards
from bot.views.card import Card
from bot.views.words import Words
from wallet_core.domain.screening import ScreenedAddress
from wallet_core.use_cases.show_screening import ScreeningPage


def screening(_: Words, page: ScreeningPage) -> Card:
    """The addresses to which nothing is paid, each with why, who and when."""
    lines = [_line(_, entry) for entry in page.addresses] or [_("No address is on the list.")]
    how = _(
        "To add one: {add}. To take one off: {remove}.",
        add=_.code("/screen ETH 0x… why"),
        remove=_.code("/unscreen ETH 0x… why"),
    )
    heading = _.bold(_("Screening list, page {page}", page=page.number))
    turn = keyboards.pages(_, Action.SCREENING, page.number, has_more=page.has_more)
    return Card("\n\n".join((heading, *lines, how)), (*turn, keyboards.back(_, Action.POLICIES)))


def purpose(_: Words, asset: str, address: str, *, listed: bool) -> str:
    """What the admin's code is asked for."""
    facts = {"asset": _.ltr(asset.upper()), "address": _.code(address)}
    if listed:
        return _("pay nothing more in {asset} to {address}", **facts)
    return _("pay in {asset} to {address} again", **facts)


def changed(_: Words, entry: ScreenedAddress) -> Card:
    """The list was changed."""
    address = _.code(entry.address)
    text = (
        _("Nothing is paid to {address} any more, also of what is queued.", address=address)
        if entry.listed
        else _("What is asked for is paid to {address} again.", address=address)
    )
    return Card(text, (keyboards.back(_, Action.SCREENING, "1"),))


def _line(_: Words, entry: ScreenedAddress) -> str:
    return _(
        "{asset} {address}: {why} (person {person}, {at})",
        asset=_.ltr(entry.asset),
        address=_.code(entry.address),
        why=entry.why,
        person=_.ltr(str(entry.by)),
        at=_.instant(entry.at),
    )
