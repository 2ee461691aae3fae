"""The lines of a mass send: each is a record that comes to one end."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from enum import StrEnum
from typing import Any, ClassVar, Final

from wallet_core.domain.changes import Move
from wallet_core.domain.errors import InvariantViolated
from wallet_core.domain.mass_file import FileRow
from wallet_core.domain.money import Asset
from wallet_core.domain.record import Record

#: Why a line was refused because its mass send was given up.
GIVEN_UP: Final = "given_up"


class RowState(StrEnum):
    """Where one line stands. PAID, RETURNED and REFUSED are ends."""

    PENDING = "pending"
    #: To an address: it is a payout now, which goes its own way.
    QUEUED = "queued"
    PAID = "paid"
    #: The payout could not be made; its ITD is the payer's again.
    RETURNED = "returned"
    #: Never paid, with ``reason``: at the preview, or when its turn came.
    REFUSED = "refused"


#: Every move that a line may make; whatever is not here cannot happen.
_MOVES: Final = {
    RowState.PENDING: frozenset({RowState.PAID, RowState.QUEUED, RowState.REFUSED}),
    RowState.QUEUED: frozenset({RowState.PAID, RowState.RETURNED}),
}


class MassRow(Record):
    """One line of a mass send."""

    collection: ClassVar[str] = "mass_rows"
    # The ledger alone writes it once its mass send can be seen; what never ran is removed as a whole.
    ledgered: ClassVar[bool] = False

    #: See ``row_id``.
    id: str
    mass_send: str
    line: int
    #: As it was typed.
    recipient: str
    asset: Asset
    amount_minor: int
    note: str = ""
    state: RowState = RowState.PENDING
    #: Why it was refused or returned: a ``Remark``, a ``Reason``, ``GIVEN_UP``, or why the payout came back.
    reason: str | None = None
    #: Whom it pays: a person, or a checked address.
    person: int | None = None
    address: str | None = None
    #: ITD minor units that it costs the payer, and the fee on top.
    itd_minor: int = 0
    fee_minor: int = 0
    #: HMAC of ``terms``.
    mac: str = ""

    @property
    def cost_minor(self) -> int:
        """What it takes out of the hold."""
        return self.itd_minor + self.fee_minor

    def terms(self) -> bytes:
        """What its MAC covers: nobody is paid whom somebody wrote into the database."""
        return b"mass row " + json.dumps([self.mass_send, *self.content()]).encode()

    def content(self) -> list[Any]:
        """What it does, for digests."""
        whom = self.person if self.person is not None else self.address
        return [self.line, whom, self.asset, self.amount_minor, self.itd_minor, self.fee_minor, self.note]


def row_id(mass_send: str, line: int) -> str:
    """The id of a line, and the idempotency key of its payment, for ever."""
    return f"{mass_send}:{line}"


def payout_id(mass_send: str, line: int) -> str:
    """The id of the payout that a line to an address becomes."""
    return hashlib.sha256(f"payout {row_id(mass_send, line)}".encode()).hexdigest()[:32]


def file_digest_of(rows: Iterable[FileRow]) -> str:
    """SHA-256 of the lines as they were written, in whatever order and wherever they stand.

    Not as they were resolved: when somebody in it joins, or changes their name, it still is the same file, and a
    second upload must not pay all the others again. Nor does a blank line, or sorting it, make it another one.
    """
    written = (json.dumps([row.recipient.lower(), row.asset, row.amount_minor, row.note]) for row in rows)
    return hashlib.sha256("\n".join(sorted(written)).encode()).hexdigest()


def move_row(row: MassRow, to: RowState, reason: str | None = None) -> Move:
    """A line comes to where it goes. Raises ``InvariantViolated`` for a move that is not in the table."""
    if to not in _MOVES.get(row.state, frozenset()):
        raise InvariantViolated(f"line {row.line} of mass send {row.mass_send}: {row.state} -> {to} is not allowed")
    expected = {"mass_send": row.mass_send, "line": row.line, "mac": row.mac}
    return Move(MassRow, row.id, frozenset({row.state}), to, {"reason": reason}, expected)
