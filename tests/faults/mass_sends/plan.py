"""How the lives of the worker are to end while a mass send runs: at which points of the source, in which order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import cycle
from typing import Final

from payout_worker.failpoints import declared
from tests.faults.points import call_of

#: What pays lines, and what tells of it. A payout's way begins so; it goes on only once its chain is not paused.
LINES: Final = ("mass_piece:ledger.post_many", "mass_card:ledger.post")
#: Then payouts go as far as they can without a block; and from here on, blocks come.
_SENT: Final = (
    "form_batch:ledger.post", "sign_batch:signer.sign", "sign_batch:ledger.post", "broadcast_batch:ledger.post",
)  # fmt: skip
_SETTLED: Final = (
    "confirm_batch:ledger.post", "settle_batch:ledger.post_many", "settle_batch:ledger.post",
    "mass_payouts:ledger.post", "mass_end:ledger.post",
)  # fmt: skip
WAY: Final = (*LINES, *_SENT, *_SETTLED)


@dataclass(frozen=True)
class Life:
    """Ends by SIGKILL, when the worker first comes to ``point``.

    ``at_random``: or earlier, at a moment that nobody chose, but not before so many ``lines`` wait no longer. The chain
    is ``paused`` meanwhile, or it is mined.
    """

    point: str = ""
    at_random: bool = False
    lines: int = 0
    paused: bool = False
    mined: bool = False


def points(calls: Sequence[str]) -> list[str]:
    """The points before and after these calls; a call that the source does not have any more is an error."""
    found = [f"{call}:{when}" for call in calls for when in ("before", "after")]
    assert set(found) <= set(declared()), set(found) - set(declared())
    return found


def throughout(kills: int, rows: int) -> list[Life]:
    """For lines that are paid one piece after the other: at random, and at each point in turn, again and again.

    The last third of the lines is left for those that end at points.
    """
    at, spread = cycle(points(LINES)), rows * 2 // 3
    return [
        Life(next(at)) if number % 2 else Life(at_random=True, lines=spread * (number + 1) // kills)
        for number in range(kills)
    ]


def along(kills: int) -> list[Life]:
    """For payouts, which go their way once: at each point in its order. Raises ``ValueError`` for fewer kills.

    Those at random come in between, no later than the next point: the call before which a life ended is made by
    another, so a point before a call is never missed by that.
    """
    way = [_on_the_way(point) for point in points(WAY)]
    more = kills - len(way)
    if more < 0:
        raise ValueError(f"the way has {len(way)} points")
    before = [life for life in way if life.point.endswith(":before")]
    early = [before[number * len(before) // more].point for number in range(more)]
    return [one for life in way for one in (*[_hastened(life)] * early.count(life.point), life)]


def _on_the_way(point: str) -> Life:
    call = call_of(point)
    return Life(point, paused=call in LINES, mined=call in _SETTLED)


def _hastened(life: Life) -> Life:
    return Life(life.point, at_random=True, paused=life.paused, mined=life.mined)
