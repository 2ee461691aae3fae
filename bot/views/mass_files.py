"""Files in the chat: how the one of a mass send is written, and what is said to those who may not send any."""

from __future__ import annotations

from bot.actions import Action
from bot.views import keyboards
from bot.views.card import Button, Card, File
from bot.views.mass_faults import file_name
from bot.views.mass_figures import grouped
from bot.views.words import Words
from wallet_core.domain.mass_file import COLUMNS, MAX_ROWS


def how(_: Words) -> Card:
    """What a mass send is, and how its file is written."""
    lines = (
        _.bold(_("Mass send: pay many with one file")),
        _("Send me a CSV file here as a document, at most {rows} lines below this first one:", rows=grouped(MAX_ROWS)),
        _.code(",".join(COLUMNS)),
        _("{column}: a @name or a number of Telegram, who gets ITD; or an address, which gets BTC, LTC or ETH",
          column=_.code("recipient")),
        _("{column}: ITD, BTC, LTC or ETH", column=_.code("asset")),
        _("{column}: digits with a point, such as 12.5", column=_.code("amount")),
        _("{column}: for your own records", column=_.code("note")),
        "",
        _("You see everything before anything is paid, and start it with your code; above a limit another admin "
          "approves. The same file is never paid twice."),
    )  # fmt: skip
    rows = ((Button(_("Mass sends so far"), Action.MASS_SENDS, "1"),), keyboards.back(_, Action.DESK))
    return Card("\n".join(lines), rows)


def example(_: Words) -> Card:
    """A file to fill in. As it is, it pays nobody: its recipients are no names and no addresses."""
    table = (
        f"{','.join(COLUMNS)}\r\n"
        '[@name],ITD,1250.50,"Salary, November"\r\n'
        "[number],ITD,80,Travel\r\n"
        "[address],BTC,0.0125,Invoice 2026-118\r\n"
    )
    caption = _("A form to fill in: put @names, numbers or addresses in the place of the brackets.")
    return Card(caption, file=File("mass-send.csv", table.encode()))


def reading(_: Words, name: str | None) -> Card:
    """A large file takes a moment."""
    return Card(_("Reading {name}. With many thousand lines that takes a minute.", name=file_name(name)))
