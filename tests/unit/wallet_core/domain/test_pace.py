"""How requests are counted: codes never, strangers least, admins most."""

import pytest

from wallet_core.domain.guards import Guards
from wallet_core.domain.pace import Counted, Pace, PaceLimits, counted
from wallet_core.domain.people import Role

LIMITS = PaceLimits(looks=60, money=20, heavy=6, strangers=20, admins_factor=5)
STRANGER, PERSON = Guards(id=1), Guards(id=1, secret=b"x")
ADMIN = Guards(id=1, secret=b"x", role=Role.SUPPORT)


@pytest.mark.parametrize(
    ("guards", "pace", "wanted"),
    [
        (STRANGER, Pace.FREE, None),
        (PERSON, Pace.FREE, None),
        (STRANGER, Pace.LOOKS, Counted("1:stranger", 20)),
        (STRANGER, Pace.HEAVY, Counted("1:stranger", 20)),
        (PERSON, Pace.LOOKS, Counted("1:looks", 60)),
        (PERSON, Pace.MONEY, Counted("1:money", 20)),
        (PERSON, Pace.HEAVY, Counted("1:heavy", 6)),
        (ADMIN, Pace.HEAVY, Counted("1:heavy", 30)),
    ],
)
def test_what_counts_and_how_much_may_come(guards: Guards, pace: Pace, wanted: Counted | None) -> None:
    assert counted(guards, pace, LIMITS) == wanted
