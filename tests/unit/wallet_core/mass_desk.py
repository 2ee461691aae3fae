"""Three admins, people, and a file: what tests of mass sends start from."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.support.mass import MassWorker, lines
from tests.unit.wallet_core.world import ITD, World
from wallet_core.domain.ledger import Posting
from wallet_core.domain.mass_file import FileRow
from wallet_core.domain.mass_row import MassRow
from wallet_core.domain.mass_send import MassSend, MassState
from wallet_core.domain.people import Caller, Role
from wallet_core.domain.record import Change
from wallet_core.use_cases.approve import approve
from wallet_core.use_cases.look_at_mass_lines import look_at_mass_lines
from wallet_core.use_cases.mass_send_result import mass_send_result
from wallet_core.use_cases.start_mass_send import start_mass_send
from wallet_core.use_cases.upload_mass_send import upload_mass_send


@dataclass
class MassDesk:
    """Fia (finance) pays, Otto (owner) approves, Gus (finance) looks on; Ben and Cleo are paid."""

    world: World
    fia: Caller
    otto: Caller
    gus: Caller
    ben: Caller
    cleo: Caller
    folder: Path

    async def upload(self, *rows: tuple[str, str, int], payer: Caller | None = None) -> MassSend:
        """A preview of these lines."""
        return await self.take(lines(*rows), payer)

    async def take(self, rows: Sequence[FileRow], payer: Caller | None = None) -> MassSend:
        """A preview of a file that was read."""
        return await upload_mass_send(self.world.ports, payer or self.fia, "pay.csv", rows)

    async def start(self, send: MassSend, payer: Caller | None = None) -> MassSend:
        """The payer gives a code."""
        caller = payer or self.fia
        return await start_mass_send(self.world.ports, caller, send.id, await self.world.code(caller))

    async def look(self, send: MassSend, admin: Caller | None = None) -> list[dict[str, str]]:
        """Another admin opens its lines."""
        looked = await look_at_mass_lines(self.world.ports, admin or self.otto, send.id)
        return list(csv.DictReader(io.StringIO(looked.table.decode())))

    async def approve(self, send: MassSend, admin: Caller | None = None, *, looks: bool = True) -> None:
        """Another admin says yes, once they have looked at its lines."""
        by = admin or self.otto
        if looks:
            await self.look(send, by)
        await approve(self.world.ports, by, (await self.now(send)).approval or "", await self.world.code(by))

    def posting(self, kind: str, key: str, *changes: Change) -> Posting:
        """Something that happens beside."""
        return Posting(key, kind, "test", changes=changes)

    def worker(self, holder: str = "worker") -> MassWorker:
        """A worker on this wallet."""
        return MassWorker(self.world.ports, self.folder / holder, holder)

    async def now(self, send: MassSend) -> MassSend:
        """The mass send as it is now."""
        found = await self.world.ports.store.get(MassSend, send.id)
        assert found is not None
        return found

    async def rows(self, send: MassSend) -> list[MassRow]:
        """Its lines as they are now."""
        found = await self.world.ports.store.find(MassRow, {"mass_send": send.id}, limit=100_000)
        return sorted(found, key=lambda row: row.line)

    async def result(self, send: MassSend) -> list[list[str]]:
        """Its result file, by line and cell, without the heading."""
        parts = [part async for part in await mass_send_result(self.world.ports, self.gus, send.id)]
        return [line.split(",") for line in b"".join(parts).decode().splitlines()][1:]

    async def finished(self, send: MassSend) -> MassSend:
        """Started, and run to its end."""
        await self.start(send)
        await self.worker().look()
        ended = await self.now(send)
        assert ended.state is MassState.DONE
        return ended


async def open_desk(world: World, folder: Path, itd: float = 5_000) -> MassDesk:
    """With so much on Fia's balance."""
    await world.open_rail()
    (folder / "worker").mkdir(exist_ok=True)
    people = [
        await world.person(11, "fia", role=Role.FINANCE),
        await world.person(12, "otto", role=Role.OWNER),
        await world.person(13, "gus", role=Role.FINANCE),
        await world.person(14, "ben"),
        await world.person(15, "cleo"),
    ]
    await world.fund(people[0], itd)
    return MassDesk(world, *people, folder)


__all__ = ["ITD", "MassDesk", "open_desk"]
