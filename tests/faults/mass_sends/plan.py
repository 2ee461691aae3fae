"""How the lives of the worker are to end while a mass send runs: at which points of the source, in which order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import cycle
from typing import Final

from payout_worker.failpoints import declared
from tests.faults.points import call_of
from wallet_core.domain.money import Asset

#: What pays lines, and what tells of it: as often as there are pieces of lines.
_LINES: Final = ("mass_piece:ledger.post_many", "mass_card:ledger.post")
#: As far as payouts go without a block, and what needs blocks.
_SENT: Final = (
    "form_batch:ledger.post", "sign_batch:signer.sign", "sign_batch:ledger.post", "broadcast_batch:ledger.post",
)  # fmt: skip
_MINED: Final = ("confirm_batch:ledger.post",)
_SETTLED: Final = ("settle_batch:ledger.post_many", "settle_batch:ledger.post")
_ENDED: Final = ("mass_payouts:ledger.post", "mass_end:ledger.post")
WAY: Final = (*_LINES, *_SENT, *_MINED, *_SETTLED, *_ENDED)


@dataclass(frozen=True)
class Life:
    """Ends by SIGKILL, when the worker first comes to ``point``.

    ``at_random``: or earlier, at a moment that nobody chose, but not before so many ``lines`` wait no longer. ``rails``
    are those that the worker serves, all unless some are named; blocks come where it is ``mined``.
    """

    point: str = ""
    at_random: bool = False
    lines: int = 0
    rails: str = ""
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
    at, spread = cycle(points(_LINES)), rows * 2 // 3
    return [
        Life(next(at)) if number % 2 else Life(at_random=True, lines=spread * (number + 1) // kills)
        for number in range(kills)
    ]


def along(asset: Asset) -> list[Life]:
    """For payouts, which go their way once: at each point in its order, and once at random before each call.

    The call before which a life ends at random is made by the next one, so that no point can be missed. Payouts are not
    served until all lines are paid, nor is what tells lines of their payouts until the batch has ended: else the worker
    would pass the points of the one while it comes to those of the other.
    """
    rails = dict.fromkeys(_LINES, Asset.ITD) | dict.fromkeys(_SETTLED, asset)
    lives = []
    for point in points(WAY):
        call = call_of(point)
        life = Life(point, rails=rails.get(call, ""), mined=call in (*_MINED, *_SETTLED, *_ENDED))
        lives += [replace(life, at_random=True), life] if point.endswith(":before") else [life]
    return lives
