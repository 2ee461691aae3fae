"""The test of the test: bugs that are planted in the ledger are seen in the same steps that a sound ledger passes."""

from collections.abc import Callable
from contextlib import suppress
from functools import partial

import pytest

from tests.faults.ledger import planted
from tests.faults.ledger.machine import Tally, try_ledger
from tests.faults.ledger.planted import Patch

#: What the first alarm says.
SEEN_AS = {
    planted.no_balance_guard: "must be refused",
    planted.key_not_looked_up: "does not take",
    planted.key_not_unique: "the journal is not what was accepted",
    planted.money_outside_the_transaction: "stored and wanted",
    planted.guard_not_written: "both froze the other",
}


@pytest.mark.parametrize("bug", SEEN_AS, ids=lambda bug: bug.__name__.replace("_", "-"))
def test_a_planted_bug_is_seen_by_the_model(
    mongo_uri: str, monkeypatch: pytest.MonkeyPatch, bug: Callable[[Patch], None]
) -> None:
    bug(partial(monkeypatch.setattr, raising=False))
    tally = Tally()
    with suppress(Exception):
        try_ledger(mongo_uri, steps=30, lives=12, seed=1, tally=tally)
    assert SEEN_AS[bug] in "".join(tally.alarms[:1]), tally
