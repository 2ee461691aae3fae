"""Strict CSV, line by line, in memory that does not grow with the file.

A cell may be quoted as RFC 4180 has it, but holds no line break: so one forgotten quote spoils its own line and no
other.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from enum import StrEnum, unique
from typing import Any, BinaryIO, Final

MAX_LINE_BYTES: Final = 32_768

_QUOTED: Final = re.compile(r'"([^"]*(?:""[^"]*)*)"')


@unique
class Flaw(StrEnum):
    """What is wrong with a line, or, for the first three, with the whole file. ``bot/views`` has the words."""

    BAD_HEADER = "bad_header"
    NO_ROWS = "no_rows"
    TOO_MANY_ROWS = "too_many_rows"
    NOT_UTF8 = "not_utf8"
    LINE_TOO_LONG = "line_too_long"
    UNCLOSED_QUOTE = "unclosed_quote"
    STRAY_QUOTE = "stray_quote"
    TOO_MANY_COLUMNS = "too_many_columns"
    TOO_FEW_COLUMNS = "too_few_columns"
    CELL_TOO_LONG = "cell_too_long"
    CONTROL_CHARACTER = "control_character"
    FORMULA = "formula"
    EMPTY_RECIPIENT = "empty_recipient"
    BAD_RECIPIENT = "bad_recipient"
    UNKNOWN_ASSET = "unknown_asset"
    BAD_AMOUNT = "bad_amount"
    ZERO_AMOUNT = "zero_amount"
    PERSON_GETS_ITD = "person_gets_itd"
    ADDRESS_GETS_COINS = "address_gets_coins"


class Wrong(Exception):  # noqa: N818 - it never leaves the domain
    """A line that cannot be taken, and what is wrong with it."""

    def __init__(self, flaw: Flaw, **facts: Any) -> None:
        self.flaw, self.facts = flaw, facts


def lines_of(stream: BinaryIO) -> Iterator[tuple[int, bytes | None]]:
    """Each line with its number and without its end; None for one that is too long, which is not kept."""
    for number in itertools.count(1):
        line = stream.readline(MAX_LINE_BYTES)
        if not line:
            return
        is_long, part = False, line
        while part and not part.endswith(b"\n") and len(part) == MAX_LINE_BYTES:
            is_long, part = True, stream.readline(MAX_LINE_BYTES)
        yield number, None if is_long else line.removesuffix(b"\n").removesuffix(b"\r")


def text_of(line: bytes | None) -> str:
    """The line as text. Raises ``Wrong`` LINE_TOO_LONG or NOT_UTF8."""
    if line is None:
        raise Wrong(Flaw.LINE_TOO_LONG, limit=MAX_LINE_BYTES)
    try:
        return line.decode()
    except UnicodeDecodeError as error:
        raise Wrong(Flaw.NOT_UTF8, byte=error.start + 1) from None


def cells_of(line: str, separator: str) -> list[str]:
    """The cells of a line as RFC 4180 has them. Raises ``Wrong`` UNCLOSED_QUOTE or STRAY_QUOTE."""
    if '"' not in line:
        return line.split(separator)
    cells, at = [], 0
    while True:
        cell, at = _quoted(line, at) if line.startswith('"', at) else _unquoted(line, at, separator)
        cells.append(cell)
        if at == len(line):
            return cells
        if line[at] != separator:
            raise Wrong(Flaw.STRAY_QUOTE, column=len(cells))
        at += 1


def _quoted(line: str, at: int) -> tuple[str, int]:
    match = _QUOTED.match(line, at)
    if match is None:
        raise Wrong(Flaw.UNCLOSED_QUOTE)
    return match.group(1).replace('""', '"'), match.end()


def _unquoted(line: str, at: int, separator: str) -> tuple[str, int]:
    end = line.find(separator, at)
    end = len(line) if end < 0 else end
    quote = line.find('"', at, end)
    return line[at : end if quote < 0 else quote], end if quote < 0 else quote
