"""A send that comes again by itself. Amounts in ITD minor units.

Its person gives a code once, when it is set up; from then on the worker sends. So its terms have a MAC, from the moment
they are shown and anew with each run: whoever only writes into the database sets nothing up, changes nothing in it,
starts nothing that was ended, and has no run made at another time.
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, ClassVar, Final

from wallet_core.domain.changes import Move
from wallet_core.domain.ledger import Message
from wallet_core.domain.record import Record
from wallet_core.domain.recurrence import Rule

#: A run that is later than this, because nothing ran meanwhile, is left out: nobody wants a burst of old ones.
LATEST: Final = timedelta(hours=12)
#: So many refusals in a row pause it: whoever has no money is not told every day for ever.
FAILURES_THAT_PAUSE: Final = 3


class RecurringState(StrEnum):
    """PROPOSED until its person gives a code; RUNNING, or PAUSED until it is resumed; ENDED for good."""

    PROPOSED = "proposed"
    RUNNING = "running"
    PAUSED = "paused"
    ENDED = "ended"


class RecurringSend(Record):
    """Who sends how much to whom, and when next."""

    collection: ClassVar[str] = "recurring_sends"

    id: str
    person: int
    recipient: int
    #: As it was when it was set up.
    recipient_name: str
    amount_minor: int
    note: str = ""
    rule: Rule
    state: RecurringState = RecurringState.RUNNING
    next_at: datetime
    last_at: datetime | None = None
    runs: int = 0
    #: Refusals in a row, and why the last one was.
    failures: int = 0
    failed_because: str | None = None
    created_at: datetime | None = None
    #: PROPOSED: until then it can be confirmed.
    expires_at: datetime
    mac: str = ""

    def terms(self) -> bytes:
        """What the person confirmed with a code, how it stands, and which run is next. No other terms begin like it."""
        rule, next_at = self.rule.model_dump(mode="json"), self.next_at.isoformat()
        fixed = [self.id, self.person, self.recipient, self.amount_minor, self.note, rule, self.state, next_at]
        return b"recurring " + json.dumps(fixed, sort_keys=True).encode()

    def is_missed(self, now: datetime) -> bool:
        """Whether the run that is due is too late to be made up for."""
        return now > self.next_at + LATEST


def went(send: RecurringSend, now: datetime) -> Move:
    """A run was made: the next one is by the calendar, whatever else was missed."""
    fields = {"last_at": send.next_at, "runs": send.runs + 1, "failures": 0, "failed_because": None}
    return _on(send, now, fields)


def missed(send: RecurringSend, now: datetime) -> Move:
    """Nothing ran when it was due: it is left out."""
    return _on(send, now, {})


def failed(send: RecurringSend, now: datetime, why: str) -> Move:
    """A run was refused: it waits for the next one, or, after some of them, for its person."""
    failures = send.failures + 1
    to = RecurringState.PAUSED if failures >= FAILURES_THAT_PAUSE else RecurringState.RUNNING
    return _on(send, now, {"failures": failures, "failed_because": why}, to)


def moved(send: RecurringSend, move: Move) -> RecurringSend:
    """What a move makes of it."""
    return send.model_copy(update={**move.fields, "state": move.to_state})


def set_up(send: RecurringSend, now: datetime) -> Move:
    """Its person confirmed it, with a code, before the proposal expired."""
    before = frozenset({RecurringState.PROPOSED})
    fields = {"next_at": send.rule.next_after(now)}
    return Move(RecurringSend, send.id, before, RecurringState.RUNNING, fields, expires=True)


def switched(send: RecurringSend, to: RecurringState) -> Move:
    """PAUSED or ENDED, from what was read."""
    return Move(RecurringSend, send.id, frozenset({send.state}), to, {}, {"next_at": send.next_at})


def skipped(send: RecurringSend) -> Move:
    """The next run is left out, as its person wants."""
    return _on(send, send.next_at, {})


def resumed(send: RecurringSend, now: datetime) -> Move:
    """It goes on at its next time: what was skipped stays skipped, what was due while it was paused is left out."""
    next_at = send.next_at if send.next_at > now else send.rule.next_after(now)
    fields = {"failures": 0, "failed_because": None, "next_at": next_at}
    read = {"next_at": send.next_at}
    return Move(RecurringSend, send.id, frozenset({send.state}), RecurringState.RUNNING, fields, read)


def _on(
    send: RecurringSend, after: datetime, fields: dict[str, Any], to: RecurringState = RecurringState.RUNNING
) -> Move:
    """To the first time after a moment, from what was read: of two who do it at once, one does."""
    # What was due has had its turn, whatever the clock says.
    next_at = send.rule.next_after(max(after, send.next_at))
    read = {"next_at": send.next_at}
    return Move(RecurringSend, send.id, frozenset({send.state}), to, {"next_at": next_at, **fields}, read)


def recurring_message(send: RecurringSend, template: str = "recurring_send", **more: Any) -> Message:
    """What its person is told: the card itself, or that a run failed or was missed."""
    shown = send.document()
    names = (
        "recipient", "recipient_name", "amount_minor", "note", "rule", "state", "next_at", "failures", "failed_because"
    )  # fmt: skip
    facts = {name: shown[name] for name in names} | {"id": send.id} | more
    thread = f"recurring:{send.id}" if template == "recurring_send" else None
    return Message(send.person, template, facts, thread=thread)
