"""The file of a mass send: each line is a row, or one named fault with the line's number.

Nothing is guessed and nothing is mended.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, BinaryIO, Final

from wallet_core.domain.csv_lines import Flaw, Wrong, cells_of, lines_of, text_of
from wallet_core.domain.errors import Refused
from wallet_core.domain.money import DECIMALS, Asset, parse_amount

#: The names in the first line, in any order.
COLUMNS: Final = ("recipient", "asset", "amount", "note")
#: What a file may hold: rows, characters in a cell, bytes in all.
MAX_ROWS: Final = 50_000
MAX_CELL_CHARACTERS: Final = 200
MAX_FILE_BYTES: Final = 20_000_000
#: So many faults are kept; what comes after them is only counted.
MAX_FAULTS: Final = 1_000
#: What can be paid: people get ITD, addresses get coins.
PAYABLE: Final = (Asset.ITD, Asset.BTC, Asset.LTC, Asset.ETH)

_USERNAME: Final = re.compile(r"@[A-Za-z][A-Za-z0-9_]{2,31}", re.ASCII)
_PERSON_ID: Final = re.compile(r"[1-9][0-9]{0,14}", re.ASCII)
#: Every alphabet of an address (base58, bech32, hexadecimal); whether it is one, its chain says.
_ADDRESS: Final = re.compile(r"[A-Za-z0-9]{20,100}", re.ASCII)
#: Controls, line breaks of other kinds, and what turns the text beside it around (Unicode UAX 9).
_CONTROL: Final = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]")
#: What a spreadsheet takes for the beginning of a formula (OWASP, CSV injection), also in full width.
_FORMULA: Final = tuple("=+-@\t\uff1d\uff0b\uff0d\uff20")
_ZERO: Final = re.compile(r"0+(?:\.0*)?", re.ASCII)
_BOM: Final = "\ufeff"


@dataclass(frozen=True, slots=True)
class FileRow:
    """One payment of the file: ``amount_minor`` in minor units of ``asset``; ``line`` counts from 1, the header."""

    line: int
    recipient: str
    asset: Asset
    amount_minor: int
    note: str = ""

    @property
    def username(self) -> str | None:
        """The name of ``@name``, without the sign."""
        return self.recipient[1:] if self.recipient.startswith("@") else None

    @property
    def person(self) -> int | None:
        """The numeric Telegram id, where one is given."""
        return int(self.recipient) if _PERSON_ID.fullmatch(self.recipient) else None

    @property
    def address(self) -> str | None:
        """What is to be an address of the asset's chain; its chain has not been asked yet."""
        return None if self.username or self.person else self.recipient


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong in a line (0: in the file as a whole), with the names and numbers that its sentence needs.

    ``flaw`` is a ``Flaw``, or the ``Reason`` for which a row that reads well is refused.
    """

    line: int
    flaw: str
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class MassFile:
    """A file that was read to its end: its rows, its first faults in order, and how many faults there are."""

    rows: tuple[FileRow, ...]
    faults: tuple[Fault, ...]
    fault_count: int


@dataclass(frozen=True, slots=True)
class _Header:
    separator: str
    #: Where each of ``COLUMNS`` stands.
    places: tuple[int, ...]


def read_rows(stream: BinaryIO, max_rows: int = MAX_ROWS) -> Iterator[FileRow | Fault]:
    """Every line of the file as a row or as its fault, in order; empty lines are passed over. Raises nothing.

    A bad header, or one row more than ``max_rows``, is the last that is told.
    """
    lines = lines_of(stream)
    try:
        header = _header(*next(lines, (1, b"")))
    except Wrong as wrong:
        yield Fault(1, wrong.flaw, wrong.facts)
        return
    count = 0
    for number, line in lines:
        if line is not None and not line.strip():
            continue
        count += 1
        if count > max_rows:
            yield Fault(number, Flaw.TOO_MANY_ROWS, {"limit": max_rows})
            return
        yield _row_or_fault(number, line, header)
    if not count:
        yield Fault(0, Flaw.NO_ROWS)


def read_file(stream: BinaryIO) -> MassFile:
    """The whole file. Whoever pays from it looks at ``fault_count`` first: a file with a fault is paid to nobody."""
    rows, faults, fault_count = [], [], 0
    for one in read_rows(stream):
        if isinstance(one, FileRow):
            rows.append(one)
            continue
        fault_count += 1
        if fault_count <= MAX_FAULTS or one.line == 0 or one.flaw == Flaw.TOO_MANY_ROWS:
            faults.append(one)
    return MassFile(tuple(rows), tuple(faults), fault_count)


def _header(_number: int, line: bytes | None) -> _Header:
    text = text_of(line).removeprefix(_BOM)
    separator = ";" if ";" in text else ","
    found = [cell.strip().lower() for cell in cells_of(text, separator)]
    if sorted(found) != sorted(COLUMNS):
        raise Wrong(Flaw.BAD_HEADER, columns=COLUMNS, found=_shortened(text), lone_cr="\r" in text)
    return _Header(separator, tuple(found.index(name) for name in COLUMNS))


def _row_or_fault(number: int, line: bytes | None, header: _Header) -> FileRow | Fault:
    try:
        return _row(number, line, header)
    except Wrong as wrong:
        return Fault(number, wrong.flaw, wrong.facts)


def _row(number: int, line: bytes | None, header: _Header) -> FileRow:
    cells = cells_of(text_of(line), header.separator)
    if len(cells) != len(COLUMNS):
        flaw = Flaw.TOO_MANY_COLUMNS if len(cells) > len(COLUMNS) else Flaw.TOO_FEW_COLUMNS
        raise Wrong(flaw, found=len(cells), wanted=len(COLUMNS))
    recipient, asset_text, amount_text, note = (_checked(cells[at], name) for name, at in _named(header))
    if not recipient:
        raise Wrong(Flaw.EMPTY_RECIPIENT)
    asset = _asset(asset_text)
    amount_minor = _amount(amount_text, asset)
    _check_recipient(recipient, asset)
    return FileRow(number, recipient, asset, amount_minor, note)


def _named(header: _Header) -> zip[tuple[str, int]]:
    return zip(COLUMNS, header.places, strict=True)


def _checked(cell: str, column: str) -> str:
    """The cell without the blanks around it, once nothing in it can deceive a program or a person."""
    text = cell.strip(" ")
    if len(text) > MAX_CELL_CHARACTERS:
        raise Wrong(Flaw.CELL_TOO_LONG, column=column, length=len(text), limit=MAX_CELL_CHARACTERS)
    control = _CONTROL.search(text)
    if control:
        raise Wrong(Flaw.CONTROL_CHARACTER, column=column, character=f"U+{ord(control.group()):04X}")
    if text.startswith(_FORMULA) and not (column == "recipient" and _USERNAME.fullmatch(text)):
        raise Wrong(Flaw.FORMULA, column=column, cell=_shortened(text))
    return text


def _asset(text: str) -> Asset:
    for asset in PAYABLE:
        if text.upper() == asset:
            return asset
    raise Wrong(Flaw.UNKNOWN_ASSET, cell=_shortened(text), assets=PAYABLE)


def _amount(text: str, asset: Asset) -> int:
    try:
        return parse_amount(text, asset)
    except Refused:
        flaw = Flaw.ZERO_AMOUNT if _ZERO.fullmatch(text) else Flaw.BAD_AMOUNT
        raise Wrong(flaw, cell=_shortened(text), asset=asset, decimals=DECIMALS[asset]) from None


def _check_recipient(text: str, asset: Asset) -> None:
    is_person = bool(_USERNAME.fullmatch(text) or _PERSON_ID.fullmatch(text))
    if not is_person and not _ADDRESS.fullmatch(text):
        raise Wrong(Flaw.BAD_RECIPIENT, cell=_shortened(text))
    if is_person and asset is not Asset.ITD:
        raise Wrong(Flaw.PERSON_GETS_ITD, cell=_shortened(text), asset=asset)
    if not is_person and asset is Asset.ITD:
        raise Wrong(Flaw.ADDRESS_GETS_COINS, cell=_shortened(text))


def _shortened(text: str) -> str:
    """Enough of a text to find it again, harmless to show."""
    shown = _CONTROL.sub("\ufffd", text)
    return shown if len(shown) <= 40 else f"{shown[:39]}…"
