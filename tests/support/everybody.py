"""One of each kind of caller that there is, for tests that try everything with everybody."""

from __future__ import annotations

from tests.support.roles_table import PERSONAS
from tests.unit.wallet_core.world import World
from wallet_core.domain.journal import JournalRecord
from wallet_core.domain.people import Caller, Role
from wallet_core.use_cases.begin_enrolment import begin_enrolment

#: Everybody's number.
NUMBERS = {name: 601 + n for n, name in enumerate(PERSONAS)}


async def settle(world: World) -> None:
    """Everybody moves in."""
    await begin_enrolment(world.ports, Caller(NUMBERS["not enrolled"]))
    for name in ("person", *Role):
        await world.person(NUMBERS[name], role=Role(name) if name != "person" else None)


async def refusals(world: World) -> dict[int, str]:
    """What was written down of whom."""
    found = await world.memory.find(JournalRecord, {"kind": "admin_refused"})
    return {record.people[0]: record.facts["what"] for record in found}
