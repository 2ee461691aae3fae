"""The tables of limits that count now and next, and proof that two owners put them there."""

from __future__ import annotations

from datetime import datetime

from wallet_core.domain.errors import InvariantViolated, Reason, Refused
from wallet_core.domain.journal import JournalRecord
from wallet_core.domain.kyc import BUILT_IN_LEVELS, KnownLevels, LevelVersion
from wallet_core.domain.level_table import BUILT_IN, KNOWN_FOR, LevelTable
from wallet_core.ports import Ports
from wallet_core.use_cases.admins import tell_owners


def table_key(number: int) -> str:
    """The journal's key of the posting that stored a table: kept for ever, so that a table cannot vanish unseen."""
    return f"level_table:{number}"


async def known_levels(ports: Ports, now: datetime) -> KnownLevels:
    """The version that counts and the next one, by what was read no earlier than ``now``.

    Raises ``Refused(LEVELS_UNSOUND)``, after the owners were told (once a day), when a seal does not fit, when the
    journal knows a later table that is gone, when the one before is, or when one has what this program does not.
    """
    tables = await _newest(ports)
    later = table_key((tables[0].id if tables else BUILT_IN) + 1)
    # It may have been approved between the two reads.
    if await ports.store.get(JournalRecord, later) and (again := await _newest(ports)) == tables:
        raise await _unsound(
            ports, f"the table of {later} is gone; number {again[0].id if again else BUILT_IN} is the newest"
        )
    if not tables:
        versions = BUILT_IN_LEVELS.versions
    elif tables[0].begins_at <= now:
        versions = (await _version(ports, tables[0]),)
    else:
        versions = (await _before(ports, tables), await _version(ports, tables[0]))
    return KnownLevels(versions, good_until=now + KNOWN_FOR)


async def stored_table(ports: Ports, number: int) -> LevelTable:
    """One of the tables, whether it counts or not. Raises ``Refused``: NOT_FOUND, LEVELS_UNSOUND."""
    stored = await ports.store.get(LevelTable, number)
    if stored is None:
        raise Refused(Reason.NOT_FOUND, what="level table")
    await _version(ports, stored)
    return stored


async def _newest(ports: Ports) -> list[LevelTable]:
    """At most one lies ahead, so that the other one counts until then."""
    return await ports.store.find(LevelTable, {}, order_by=("-_id",), limit=2)


async def _before(ports: Ports, tables: list[LevelTable]) -> LevelVersion:
    """What counts until the newest table begins."""
    newest, *earlier = tables
    if newest.id == BUILT_IN + 1:
        return BUILT_IN_LEVELS.versions[0]
    if not earlier or earlier[0].id != newest.id - 1:
        raise await _unsound(ports, f"table {newest.id - 1} is gone, which counts until number {newest.id} begins")
    return await _version(ports, earlier[0])


async def _version(ports: Ports, stored: LevelTable) -> LevelVersion:
    if not ports.vault.mac_fits(stored.terms(), stored.mac):
        raise await _unsound(ports, f"table {stored.id} was changed in the database")
    try:
        return stored.version()
    except InvariantViolated as violation:
        raise await _unsound(ports, str(violation)) from violation


async def _unsound(ports: Ports, what: str) -> Refused:
    """Tells the owners, once a day for each finding: nobody's limit is taken until it is put right."""
    await tell_owners(ports, "levels_unsound", what, by="levels")
    return Refused(Reason.LEVELS_UNSOUND)
