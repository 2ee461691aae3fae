"""What counts as final."""

import pytest

from wallet_core.domain.chain import Broadcast, Heights


@pytest.mark.parametrize(
    ("latest", "finalized", "depth", "final"),
    [(100, 100, 12, 88), (100, 64, 12, 64), (100, 98, 2, 98), (5, 5, 12, -7), (100, -1, 12, -1)],
)
def test_a_block_is_final_when_the_node_agrees_and_enough_blocks_stand_on_it(
    latest: int, finalized: int, depth: int, final: int
) -> None:
    assert Heights(latest, finalized).final(depth) == final


def test_a_broadcast_never_counts_as_failed() -> None:
    assert {outcome.value for outcome in Broadcast} == {"accepted", "known", "unknown"}
