"""A file of payments: every line is a row or one named fault, whatever is in it, in memory that does not grow."""

from __future__ import annotations

import csv
import io
import random
import time
import tracemalloc
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wallet_core.domain.csv_lines import MAX_LINE_BYTES, Flaw
from wallet_core.domain.mass_file import (
    MAX_CELL_CHARACTERS,
    MAX_FAULTS,
    MAX_ROWS,
    Fault,
    FileRow,
    read_file,
    read_rows,
)
from wallet_core.domain.money import MAX_MINOR, Asset, plain

HEADER = "recipient,asset,amount,note"
ADDRESS = "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4"


def read(text: str | bytes, max_rows: int = MAX_ROWS) -> list[FileRow | Fault]:
    content = text.encode() if isinstance(text, str) else text
    return list(read_rows(io.BytesIO(content), max_rows))


def lines(*rows: str) -> list[FileRow | Fault]:
    return read("\n".join((HEADER, *rows)))


def only(row: str) -> FileRow | Fault:
    found = lines(row)
    assert len(found) == 1
    return found[0]


@pytest.mark.parametrize(
    "text",
    [
        f"{HEADER}\n@ben,ITD,12.5,thanks\n",
        f"{HEADER}\r\n@ben,ITD,12.5,thanks\r\n",
        f"{HEADER}\r\n@ben,ITD,12.5,thanks",
        f"\ufeff{HEADER}\n\n@ben,ITD,12.5,thanks\r\n\n",
        "recipient;asset;amount;note\n@ben;ITD;12.5;thanks\n",
        "Note,AMOUNT, Asset ,recipient\nthanks,12.5,itd,@ben\n",
        f'{HEADER}\n"@ben","ITD","12.5","thanks"\n',
        f"{HEADER}\n @ben , ITD , 12.5 , thanks \n",
    ],
)
def test_one_payment_is_read_however_it_is_written(text: str) -> None:
    (row,) = read(text)
    assert isinstance(row, FileRow)
    assert (row.recipient, row.asset, row.amount_minor, row.note) == ("@ben", Asset.ITD, 12_500_000, "thanks")
    assert (row.username, row.person, row.address) == ("ben", None, None)


@pytest.mark.parametrize("text", [f"{HEADER}\r@ben,ITD,1,\r", f"{HEADER}\r@ben,ITD,1,\r@cleo,ITD,1,"])
def test_the_line_breaks_of_an_old_mac_are_named(text: str) -> None:
    (fault,) = read(text)
    assert isinstance(fault, Fault) and (fault.line, fault.flaw, fault.facts["lone_cr"]) == (1, Flaw.BAD_HEADER, True)
    (other,) = read("who,what\r\n@ben,ITD,1,\r\n")
    assert isinstance(other, Fault) and (other.flaw, other.facts["lone_cr"]) == (Flaw.BAD_HEADER, False)


def test_people_are_named_or_numbered_and_addresses_get_coins() -> None:
    number, coins = lines("123456789,ITD,1,", f"{ADDRESS},BTC,0.00000001,")
    assert isinstance(number, FileRow) and isinstance(coins, FileRow)
    assert (number.person, number.username, number.address) == (123456789, None, None)
    assert (coins.address, coins.asset, coins.amount_minor) == (ADDRESS, Asset.BTC, 1)


def test_quotes_hold_the_divider_and_quotes_of_their_own() -> None:
    row = only('@ben,ITD,1,"Salary, November; ""bonus"" too"')
    assert isinstance(row, FileRow) and row.note == 'Salary, November; "bonus" too'


@pytest.mark.parametrize(
    ("line", "flaw"),
    [
        ("@ben,DOGE,1,", Flaw.UNKNOWN_ASSET),
        ("@ben,,1,", Flaw.UNKNOWN_ASSET),
        (f"{ADDRESS},USD,1,", Flaw.UNKNOWN_ASSET),
        ("@ben,ITD,12,5,", Flaw.TOO_MANY_COLUMNS),
        ('@ben,ITD,"12,5",', Flaw.BAD_AMOUNT),
        ("@ben,ITD,1.0000001,", Flaw.BAD_AMOUNT),
        ("@ben,ITD,1e3,", Flaw.BAD_AMOUNT),
        ("@ben,ITD,1_000,", Flaw.BAD_AMOUNT),
        ("@ben,ITD,٣,", Flaw.BAD_AMOUNT),
        ("@ben,ITD,NaN,", Flaw.BAD_AMOUNT),
        ("@ben,ITD,,", Flaw.BAD_AMOUNT),
        (f"@ben,ITD,{'9' * 150},", Flaw.BAD_AMOUNT),
        ("@ben,ITD,0,", Flaw.ZERO_AMOUNT),
        ("@ben,ITD,0.000,", Flaw.ZERO_AMOUNT),
        (",ITD,1,", Flaw.EMPTY_RECIPIENT),
        ("   ,ITD,1,", Flaw.EMPTY_RECIPIENT),
        ("ben,ITD,1,", Flaw.BAD_RECIPIENT),
        ("[@name],ITD,1,", Flaw.BAD_RECIPIENT),
        ("0x/../etc/passwd0x/../etc/passwd,ETH,1,", Flaw.BAD_RECIPIENT),
        ("@ben,ITD,1", Flaw.TOO_FEW_COLUMNS),
        ("@ben", Flaw.TOO_FEW_COLUMNS),
        ("@ben,ITD,1,a,b", Flaw.TOO_MANY_COLUMNS),
        ("@ben,ITD,1,a\x00b", Flaw.CONTROL_CHARACTER),
        ("@ben,ITD,1,a\tb", Flaw.CONTROL_CHARACTER),
        ("@ben,ITD,1,a\rb", Flaw.CONTROL_CHARACTER),
        ("@ben,ITD,1,\u202eevil", Flaw.CONTROL_CHARACTER),
        ("@b\u200den,ITD,1,", Flaw.FORMULA),
        ("@ben,ITD,1,=1+1", Flaw.FORMULA),
        ("@ben,ITD,-1,", Flaw.FORMULA),
        ("@ben,ITD,+1,", Flaw.FORMULA),
        ('=HYPERLINK("http://x")'.replace('"', '""').join('""') + ",ITD,1,", Flaw.FORMULA),
        ("@SUM(A1),ITD,1,", Flaw.FORMULA),
        ("@ben,ITD,1,@ben", Flaw.FORMULA),
        ("@ben,ITD,1,\uff1d1", Flaw.FORMULA),
        ("@ben,ITD,1," + "a" * (MAX_CELL_CHARACTERS + 1), Flaw.CELL_TOO_LONG),
        ("@ben,ITD,1," + "a" * 10_000, Flaw.CELL_TOO_LONG),
        ("@ben,ITD,1," + "a" * MAX_LINE_BYTES, Flaw.LINE_TOO_LONG),
        ('@ben,ITD,1,"a', Flaw.UNCLOSED_QUOTE),
        ('"@ben,ITD,1,a', Flaw.UNCLOSED_QUOTE),
        ('@ben,ITD,1,a"b"', Flaw.STRAY_QUOTE),
        ('@ben,ITD,1,"a"b', Flaw.STRAY_QUOTE),
        ("@ben,BTC,1,", Flaw.PERSON_GETS_ITD),
        (f"{ADDRESS},ITD,1,", Flaw.ADDRESS_GETS_COINS),
    ],
)
def test_every_fault_is_named_with_its_line_and_spoils_no_other(line: str, flaw: Flaw) -> None:
    before, fault, after = lines("@ana,ITD,1,", line, "@eve,ITD,2,")
    assert isinstance(fault, Fault) and (fault.line, fault.flaw) == (3, flaw)
    assert isinstance(before, FileRow) and isinstance(after, FileRow) and (before.line, after.line) == (2, 4)


def test_what_is_not_utf8_is_named_with_its_line() -> None:
    _, fault, row = read(f"{HEADER}\n@ben,ITD,1,a\n".encode() + b"@ben,ITD,1,\xff\xfe\n@ben,ITD,1,b\n")
    assert isinstance(fault, Fault) and (fault.line, fault.flaw, fault.facts["byte"]) == (3, Flaw.NOT_UTF8, 12)
    assert isinstance(row, FileRow) and row.line == 4


@pytest.mark.parametrize(
    "header",
    ["", "recipient,asset,amount", f"{HEADER},more", "recipient,asset,amount,amount", "a,b,c,d", "recipient;asset"],
)  # fmt: skip
def test_another_first_line_is_refused_at_once(header: str) -> None:
    (fault,) = read(f"{header}\n@ben,ITD,1,\n")
    assert isinstance(fault, Fault) and (fault.line, fault.flaw) == (1, Flaw.BAD_HEADER)


@pytest.mark.parametrize("text", ["", "\ufeff", "\x00" * 100, "\n\n\n"])
def test_nothing_like_a_file_has_a_named_fault(text: str) -> None:
    assert [one.flaw for one in read(text) if isinstance(one, Fault)] == [Flaw.BAD_HEADER]


def test_a_spreadsheets_utf16_and_a_file_without_payments_are_named() -> None:
    (fault,) = read(HEADER.encode("utf-16"))
    assert isinstance(fault, Fault) and fault.flaw == Flaw.NOT_UTF8
    (fault,) = read(f"{HEADER}\n\n")
    assert isinstance(fault, Fault) and (fault.line, fault.flaw) == (0, Flaw.NO_ROWS)


def test_one_line_too_many_is_named_and_nothing_is_read_behind_it() -> None:
    found = read(HEADER + "\n@ben,ITD,1," * (MAX_ROWS + 2))
    assert len(found) == MAX_ROWS + 1
    last = found[-1]
    assert isinstance(last, Fault) and (last.flaw, last.facts["limit"]) == (Flaw.TOO_MANY_ROWS, MAX_ROWS)
    assert not any(isinstance(one, Fault) for one in read(HEADER + "\n@ben,ITD,1," * MAX_ROWS))


def test_faults_above_a_number_are_counted_and_not_kept() -> None:
    read_whole = read_file(io.BytesIO((HEADER + "\n@ben,ITD,x," * (MAX_FAULTS + 500)).encode()))
    assert (len(read_whole.faults), read_whole.fault_count, read_whole.rows) == (MAX_FAULTS, MAX_FAULTS + 500, ())


CELL = st.one_of(
    st.text(max_size=30),
    st.sampled_from(
        ['"', '""', "=1", "@", "+", "-", "\t", "\x00", "\ufeff", "a" * 10_240, "\r", "\n", "\u2028", ADDRESS]
    ),
    st.sampled_from(["@ben", "ITD", "BTC", "1.5", "0", "1e9", ""]),
)
LINE = st.lists(CELL, max_size=6).flatmap(lambda cells: st.sampled_from([",", ";"]).map(lambda by: by.join(cells)))
BREAK = st.sampled_from(["\n", "\r\n", "\r", "\n\r"])


@given(st.lists(st.tuples(LINE, BREAK), max_size=12), st.booleans(), st.binary(max_size=8))
def test_any_text_below_the_first_line_is_rows_or_named_faults(
    body: list[tuple[str, str]], bom: bool, tail: bytes
) -> None:
    text = ("\ufeff" if bom else "") + HEADER + "\n" + "".join(line + end for line, end in body)
    found = read(text.encode(errors="replace") + tail)
    numbers = [one.line for one in found if one.line]
    assert numbers == sorted(set(numbers)) and found
    for one in found:
        if isinstance(one, FileRow):
            assert one.recipient and 0 < one.amount_minor <= MAX_MINOR and len(one.note) <= MAX_CELL_CHARACTERS
        else:
            Flaw(one.flaw)


@given(st.binary(max_size=300))
def test_any_bytes_are_rows_or_named_faults(content: bytes) -> None:
    assert all(isinstance(one, FileRow) or Flaw(one.flaw) for one in read(content))


NOTE = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cf", "Cs", "Zl", "Zp")), max_size=MAX_CELL_CHARACTERS
).map(lambda note: note.strip(" ").lstrip("=+-@\uff1d\uff0b\uff0d\uff20").strip(" "))


@given(st.lists(st.tuples(st.integers(1, 10**15), NOTE), min_size=1, max_size=8), st.sampled_from([",", ";"]))
def test_what_a_spreadsheet_writes_is_read_back_exactly(payments: list[tuple[int, str]], by: str) -> None:
    text = io.StringIO()
    table = csv.writer(text, delimiter=by)
    table.writerow(HEADER.split(","))
    table.writerows(("@ben", "ITD", plain(minor, Asset.ITD), note) for minor, note in payments)
    found = read(text.getvalue())
    assert [(one.amount_minor, one.note) for one in found if isinstance(one, FileRow)] == [
        (minor, note) for minor, note in payments
    ]


class Endless(io.RawIOBase):
    """A file of so many lines that is never in memory as a whole; every hundredth line is bad."""

    def __init__(self, rows: int) -> None:
        self._pieces = self._made(rows)
        self._left = b""

    def _made(self, rows: int) -> Iterator[bytes]:
        yield f"{HEADER}\n".encode()
        drawn = random.Random(7)
        piece = b"".join(
            b"@ben_the_%d,ITD,%s,note of %d\r\n" % (n, b"x" if n % 100 == 0 else b"12.5", drawn.randrange(9))
            for n in range(1_000)
        )
        for _ in range(rows // 1_000):
            yield piece

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray) -> int:  # type: ignore[override]  # all that a buffered reader asks for
        if not self._left:
            self._left = next(self._pieces, b"")
        size = min(len(buffer), len(self._left))
        buffer[:size], self._left = self._left[:size], self._left[size:]
        return size


def _peak(rows: int) -> int:
    stream = io.BufferedReader(Endless(rows))
    tracemalloc.start()
    try:
        assert sum(1 for _ in read_rows(stream, max_rows=rows)) == rows
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_memory_does_not_grow_with_the_file() -> None:
    assert _peak(40_000) < 1.2 * _peak(4_000)


def test_a_long_line_costs_no_memory() -> None:
    content = HEADER.encode() + b"\n" + b"a" * 5_000_000
    stream = io.BytesIO(content)
    tracemalloc.start()
    try:
        (fault,) = read_rows(stream)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert isinstance(fault, Fault) and fault.flaw == Flaw.LINE_TOO_LONG and peak < 1_000_000


@pytest.mark.campaign
def test_a_million_lines_cost_what_ten_times_a_hundred_thousand_cost() -> None:
    small, large = [], []
    for _ in range(2):
        for rows, taken in ((100_000, small), (1_000_000, large)):
            began = time.process_time()
            assert sum(1 for _ in read_rows(io.BufferedReader(Endless(rows)), max_rows=rows)) == rows
            taken.append((time.process_time() - began) / rows)
    ratio = min(large) / min(small)
    assert ratio < 1.5, f"{min(large) * 1e6:.1f} µs a line, {ratio:.2f} times as much as in the small file"
