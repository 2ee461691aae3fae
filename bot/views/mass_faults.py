"""What is wrong with a file of payments, line by line: what was found, what is wanted, and that nothing was done."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Mapping
from pathlib import PurePath
from typing import Any, Final

from bot.views import keyboards
from bot.views.card import Card, File
from bot.views.words import Words, plain_text
from wallet_core.domain.csv_lines import Flaw
from wallet_core.domain.mass_file import MAX_FAULTS, MAX_FILE_BYTES, MAX_ROWS, Fault, MassFile
from wallet_core.domain.statement_csv import harmless

Facts = Mapping[str, Any]
#: So many faults are shown in the chat; all of them, up to ``MAX_FAULTS``, come as a file.
SHOWN: Final = 10
_NAME_CHARACTERS: Final = 40


def faults(_: Words, name: str, read: MassFile) -> Card:
    """The first faults of a file, and how many there are."""
    count = read.fault_count
    heading = _.plural("{name}: {count} line cannot be read", "{name}: {count} lines cannot be read", count, name=name)
    lines = [
        _.bold(heading),
        *(_line(_, fault) for fault in read.faults[:SHOWN]),
        *([_("And {count} more, in the file below.", count=count - SHOWN)] if count > SHOWN else []),
        _("Nothing was sent and nothing was set aside. Mend the file and send it again; /masssend shows the form."),
    ]
    return Card("\n".join(lines), (keyboards.home(_),))


def fault_file(_: Words, name: str, read: MassFile) -> Card | None:
    """All faults as a table, where the chat does not show them all."""
    if read.fault_count <= SHOWN:
        return None
    kept = len(read.faults)
    caption = (
        _("The first {count} of {all} faults, by line.", count=kept, all=read.fault_count)
        if read.fault_count > MAX_FAULTS
        else _("All {count} faults, by line.", count=kept)
    )
    return Card(caption, file=File(f"{PurePath(name).stem}-faults.csv", _table(_, read.faults)))


def _table(_: Words, found: Iterable[Fault]) -> bytes:
    text = io.StringIO()
    table = csv.writer(text)
    table.writerow((_("line"), _("what is wrong")))
    table.writerows((fault.line or "", harmless(plain_text(sentence(_, fault)))) for fault in found)
    return text.getvalue().encode()


def _line(_: Words, fault: Fault) -> str:
    if not fault.line:
        return sentence(_, fault)
    return _("Line {line}: {what}", line=_.bold(str(fault.line)), what=sentence(_, fault))


def sentence(_: Words, fault: Fault) -> str:
    """What is wrong, in one sentence."""
    return _TELLERS[Flaw(fault.flaw)](_, fault.facts)


def too_large(_: Words) -> Card:
    """The file was not even fetched."""
    text = _(
        "This file is larger than {size} MB, so I did not open it, and nothing was done. A file of {rows} lines "
        "without long notes fits easily.",
        size=MAX_FILE_BYTES // 1_000_000,
        rows=MAX_ROWS,
    )
    return Card(text, (keyboards.home(_),))


def file_name(name: str | None) -> str:
    """A file's name as cards show it."""
    shown = name or "file.csv"
    return shown if len(shown) <= _NAME_CHARACTERS else f"{shown[: _NAME_CHARACTERS - 1]}…"


def _cell(_: Words, facts: Facts) -> str:
    return _.code(str(facts["cell"]))


def _bad_header(_: Words, facts: Facts) -> str:
    if facts.get("lone_cr"):
        return _(
            "the line breaks are those of an old Mac (CR alone), so the whole file is one line. Lines have to end with "
            "LF or CRLF: save it as “CSV UTF-8”."
        )
    return _(
        "the first line must name these columns, in any order, divided by commas or semicolons: {columns}. It is: "
        "{found}",
        columns=_.code(",".join(facts["columns"])),
        found=_.code(str(facts["found"]) or " "),
    )


def _too_many_rows(_: Words, facts: Facts) -> str:
    return _(
        "more than {limit} lines of payments; no more are taken at once. Divide the file into several.",
        limit=facts["limit"],
    )


def _not_utf8(_: Words, facts: Facts) -> str:
    return _("not UTF-8 text, from byte {byte} on. Save the file as “CSV UTF-8”.", byte=facts["byte"])


def _line_too_long(_: Words, facts: Facts) -> str:
    return _(
        "longer than {limit} bytes; a line break may be missing, or be that of an old Mac (CR alone). Lines have to "
        "end with LF or CRLF.",
        limit=facts["limit"],
    )


def _stray_quote(_: Words, facts: Facts) -> str:
    return _(
        "a quote stands in the middle of column {column}. Put the whole cell in quotes, and double those inside it.",
        column=facts["column"],
    )


def _columns(_: Words, facts: Facts) -> str:
    return _("{found} columns instead of {wanted}.", found=facts["found"], wanted=facts["wanted"])


def _more_columns(_: Words, facts: Facts) -> str:
    return _(
        "{found} columns instead of {wanted}. A cell with the divider in it must stand in quotes.",
        found=facts["found"],
        wanted=facts["wanted"],
    )


def _cell_too_long(_: Words, facts: Facts) -> str:
    return _(
        "{column} has {length} characters, {limit} are allowed.",
        column=_.code(facts["column"]),
        length=facts["length"],
        limit=facts["limit"],
    )


def _control(_: Words, facts: Facts) -> str:
    return _(
        "{column} has a character in it that cannot be seen ({character}), such as a line break or a tab.",
        column=_.code(facts["column"]),
        character=_.ltr(facts["character"]),
    )


def _formula(_: Words, facts: Facts) -> str:
    return _(
        "{column} begins like a spreadsheet's formula: {cell}. Only a recipient may begin with @, as @name.",
        column=_.code(facts["column"]),
        cell=_cell(_, facts),
    )


def _bad_recipient(_: Words, facts: Facts) -> str:
    return _("the recipient {cell} is neither a @name, nor a number of Telegram, nor an address.", cell=_cell(_, facts))


def _unknown_asset(_: Words, facts: Facts) -> str:
    return _(
        "the asset {cell} is unknown; there are: {assets}.",
        cell=_.code(str(facts["cell"]) or " "),
        assets=_.ltr(", ".join(facts["assets"])),
    )


def _bad_amount(_: Words, facts: Facts) -> str:
    return _(
        "the amount {cell} is no plain number. Write digits with a point, such as 12.5, with at most {decimals} "
        "decimals for {asset}, and nothing else.",
        cell=_.code(str(facts["cell"]) or " "),
        decimals=facts["decimals"],
        asset=_.ltr(facts["asset"]),
    )


def _person_gets_itd(_: Words, facts: Facts) -> str:
    return _("{cell} is a person; people get ITD, not {asset}.", cell=_cell(_, facts), asset=_.ltr(facts["asset"]))


def _address_gets_coins(_: Words, facts: Facts) -> str:
    return _("{cell} is no person of this wallet; an address gets BTC, LTC or ETH, not ITD.", cell=_cell(_, facts))


def _fixed(text: str) -> Callable[[Words, Facts], str]:
    return lambda _, facts: _(text)


def _(text: str) -> str:
    """Marks a text for the catalogues where it is translated later."""
    return text


_TELLERS: Final[Mapping[Flaw, Callable[[Words, Facts], str]]] = {
    Flaw.BAD_HEADER: _bad_header,
    Flaw.NO_ROWS: _fixed(_("There is no line of a payment below the first line.")),
    Flaw.TOO_MANY_ROWS: _too_many_rows,
    Flaw.NOT_UTF8: _not_utf8,
    Flaw.LINE_TOO_LONG: _line_too_long,
    Flaw.UNCLOSED_QUOTE: _fixed(_("a quote is opened and not closed on this line. A cell cannot hold a line break.")),
    Flaw.STRAY_QUOTE: _stray_quote,
    Flaw.TOO_MANY_COLUMNS: _more_columns,
    Flaw.TOO_FEW_COLUMNS: _columns,
    Flaw.CELL_TOO_LONG: _cell_too_long,
    Flaw.CONTROL_CHARACTER: _control,
    Flaw.FORMULA: _formula,
    Flaw.EMPTY_RECIPIENT: _fixed(_("the recipient is empty.")),
    Flaw.BAD_RECIPIENT: _bad_recipient,
    Flaw.UNKNOWN_ASSET: _unknown_asset,
    Flaw.BAD_AMOUNT: _bad_amount,
    Flaw.ZERO_AMOUNT: _fixed(_("the amount is zero.")),
    Flaw.PERSON_GETS_ITD: _person_gets_itd,
    Flaw.ADDRESS_GETS_COINS: _address_gets_coins,
}
