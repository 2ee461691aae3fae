"""Reading the file of a mass send: what a line costs, and whether memory grows with their number.

The files are made while they are read, so that none of them is in memory as a whole. Nobody else has a turn meanwhile,
and only the processor's time counts.
"""

from __future__ import annotations

import io
import itertools
import time
import tracemalloc
from collections.abc import Iterator
from statistics import median
from typing import Final

from tests.benchmarks.bench import Bench
from tests.benchmarks.results import Row, at_most
from wallet_core.domain.mass_file import FileRow, read_rows

#: What a line may cost, in seconds; see docs/performance.md.
_A_LINE_SECONDS: Final = 0.001
_HEADER: Final = b"recipient,asset,amount,note\n"
#: A line of each kind by its number, and whether it is a row: cells that are too long are faults that have to be named.
_KINDS: Final = {
    "plain": (b"@ben_the_%d,ITD,12.5,for the fair\n", True),
    "quoted cells": (b'"@ben_the_%d","ITD","12.5","for the ""fair"", all of it"\r\n', True),
    "10 kB cells": (b'"@ben_the_%d",ITD,12.5,"' + b"n" * 10_240 + b'"\n', False),
}
#: So many lines are made once, and given out again and again.
_PIECE: Final = 100


class _File(io.RawIOBase):
    """A file of so many lines of a kind, whole pieces of them."""

    def __init__(self, line: bytes, lines: int) -> None:
        piece = b"".join(line % number for number in range(_PIECE))
        self._pieces = itertools.chain((_HEADER,), itertools.repeat(piece, lines // _PIECE))
        self._left = memoryview(b"")

    def readable(self) -> bool:
        """It can."""
        return True

    def readinto(self, buffer: bytearray) -> int:  # type: ignore[override]  # all that a buffered reader asks for
        """As much as there is in a piece."""
        self._left = self._left or memoryview(next(self._pieces, b""))
        size = min(len(buffer), len(self._left))
        buffer[:size], self._left = self._left[:size], self._left[size:]
        return size


async def mass_file(bench: Bench) -> list[Row]:
    """Each kind of line, in files of both sizes in turn."""
    return [row for kind in _KINDS for row in _rows(bench, kind)]


def _rows(bench: Bench, kind: str) -> Iterator[Row]:
    few, many = bench.plan.lines
    taken: dict[int, list[float]] = {few: [], many: []}
    for number in range(1, bench.plan.file_rounds + 1):
        bench.say(f"a file of {kind}: round {number} of {bench.plan.file_rounds}")
        for lines, seconds in taken.items():
            seconds.append(_seconds(kind, lines) / lines)
    for lines, seconds in taken.items():
        yield Row(
            f"{lines:,} lines, {kind}: time a line",
            "1 ms",
            [each / _A_LINE_SECONDS for each in seconds],
            at_most(1),
            more_is_better=False,
            ours={"us_each": 1e6 * median(seconds)},
        )
    bench.say(f"a file of {kind}: memory")
    small, large = _peak_bytes(kind, few), _peak_bytes(kind, many)
    yield Row(
        f"{many:,} lines, {kind}: most memory",
        f"{few:,} lines",
        [large / small],
        at_most(1.1),
        more_is_better=False,
        ours={"kibibytes": large / 1_024},
        theirs={"kibibytes": small / 1_024},
    )


def _seconds(kind: str, lines: int) -> float:
    stream = _stream(kind, lines)
    start = time.process_time()
    _read(stream, kind, lines)
    return time.process_time() - start


def _peak_bytes(kind: str, lines: int) -> int:
    """The most that Python's own memory had beside what was there before: the piece that is given out was."""
    stream = _stream(kind, lines)
    tracemalloc.start()
    try:
        _read(stream, kind, lines)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def _stream(kind: str, lines: int) -> io.BufferedReader:
    line, _is_row = _KINDS[kind]
    return io.BufferedReader(_File(line, lines))


def _read(stream: io.BufferedReader, kind: str, lines: int) -> None:
    """Raises ``ValueError`` when a line was not read as what it is: then the figures would mean nothing."""
    _line, is_row = _KINDS[kind]
    if sum(isinstance(one, FileRow) is is_row for one in read_rows(stream, max_rows=lines)) != lines:
        raise ValueError(f"not all {lines:,} lines of {kind} were read as they should be")
