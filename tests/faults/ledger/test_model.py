"""The ledger does what a model in plain Python says, whatever is posted and whatever breaks."""

from random import Random

import pytest

from tests.faults.ledger.machine import RULES, Tally, try_ledger
from tests.faults.ledger.samples import sample
from wallet_core.domain import movements
from wallet_core.domain.ledger import Posting, check_balanced


@pytest.mark.parametrize("kind", movements.__all__)
def test_every_movement_can_be_tried(kind: str) -> None:
    for dice in range(20):
        check_balanced(Posting("key", kind, "test", entries=sample(kind, Random(dice))))


def test_the_ledger_and_its_model_agree_after_every_step(mongo_uri: str) -> None:
    tally = Tally()
    try_ledger(mongo_uri, steps=30, lives=10, seed=1, tally=tally)
    assert tally.alarms == []
    assert set(movements.__all__) <= tally.kinds.keys(), "a movement was never accepted"
    assert {"crash after commitTransaction", "crash before commitTransaction"} <= tally.cuts.keys()
    assert tally.steps.keys() == set(RULES), "a rule never ran"
