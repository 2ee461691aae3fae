"""Admins with authenticators, people to be paid, and files: what a mass send needs in a world of faults."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import pyotp

from tests.faults.world import ITD, World
from wallet_core.adapters.vault import KeyFileVault
from wallet_core.domain.guards import ChangeGuards
from wallet_core.domain.ledger import Posting
from wallet_core.domain.mass_file import FileRow
from wallet_core.domain.mass_send import MassSend, MassState
from wallet_core.domain.money import Asset
from wallet_core.domain.people import Caller, Role
from wallet_core.ports import Ports
from wallet_core.use_cases.approve import approve
from wallet_core.use_cases.codes import secret_bound_to
from wallet_core.use_cases.look_at_mass_lines import look_at_mass_lines
from wallet_core.use_cases.start_mass_send import start_mass_send
from wallet_core.use_cases.upload_mass_send import upload_mass_send

_SECRET: Final = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
_TRANSACTION_SECONDS: Final = 8
PAYER, APPROVER = Caller(42), Caller(43)
#: The first of those who are paid; what a thousand below is named in a file is nobody.
FIRST: Final = 1_000
NOBODY: Final = "9"


def bots_ports(world: World) -> Ports:
    """A process that takes codes, with sealing keys, which no worker has; above 100 ITD it asks another admin."""
    mac_key = bytes.fromhex((world.folder / "keys" / "mac.key").read_text())
    settings = world.ports.settings.model_copy(update={"mass_send_approval_above": "100"})
    return replace(world.ports, settings=settings, vault=KeyFileVault({"00000001": bytes(32)}, mac_key))


async def enter(world: World, *, people: int, itd: int) -> None:
    """Two admins who can give codes, the first with so much whole ITD, and so many people."""
    # A thousand lines are one transaction: on a busy machine that takes longer than the two seconds of other worlds.
    await world.database.client.admin.command("setParameter", 1, transactionLifetimeLimitSeconds=_TRANSACTION_SECONDS)
    await world.person(itd, person=PAYER.person, role=Role.FINANCE)
    await world.person(0, person=APPROVER.person, role=Role.OWNER)
    for admin in (PAYER, APPROVER):
        sealed = bots_ports(world).vault.seal(_SECRET.encode(), bound_to=secret_bound_to(admin.person))
        await world.ports.ledger.post(_change(admin.person, sealed))
    # A recipient gives no codes.
    await world.ports.ledger.post_many([_change(FIRST + n, b"sealed") for n in range(people)])


def _change(person: int, sealed: bytes) -> Posting:
    enrolled = ChangeGuards(person, lambda guards, _: guards.with_(secret=sealed, level=3))
    facts = {"person": person, "level": 3}
    return Posting(f"test:secret:{person}", "kyc_approved", "test", changes=(enrolled,), facts=facts)


def people_rows(count: int, people: int) -> list[FileRow]:
    """Lines to people in turn, each with another amount; every hundredth names nobody."""
    whom = (NOBODY if n % 100 == 99 else str(FIRST + n % people) for n in range(count))
    return [FileRow(n, who, Asset.ITD, ITD // 10 + n, f"line {n}") for n, who in enumerate(whom, 2)]


def address_rows(world: World, count: int, coin_minor: int) -> list[FileRow]:
    """Lines to addresses that nobody has used, each with another amount."""
    return [FileRow(n, world.chain.fresh_address(), world.asset, coin_minor + n) for n in range(2, count + 2)]


def renumbered(*parts: Sequence[FileRow]) -> list[FileRow]:
    """One file of several."""
    rows = [row for part in parts for row in part]
    return [FileRow(n, row.recipient, row.asset, row.amount_minor, row.note) for n, row in enumerate(rows, 2)]


async def open_for_payouts(world: World) -> None:
    """A worker has found the node, so that addresses may be named."""
    process = world.start_worker()
    while not (await world.rail()).is_served:
        assert process.poll() is None, "the worker ended"
        await asyncio.sleep(0.05)
    await world.stop_worker(process)


async def begin(world: World, rows: Sequence[FileRow]) -> MassSend:
    """Uploaded, started with the payer's code, and approved with the other admin's where that is asked for."""
    ports = bots_ports(world)
    send = await upload_mass_send(ports, PAYER, "faults.csv", rows)
    code = pyotp.TOTP(_SECRET)
    now = await world.ports.store.now()
    asked = await start_mass_send(ports, PAYER, send.id, code.at(now))
    if asked.state is MassState.APPROVAL:
        await look_at_mass_lines(ports, APPROVER, send.id)
        await approve(ports, APPROVER, asked.approval or "", code.at(now))
    found = await world.ports.store.get(MassSend, send.id)
    assert found is not None
    return found
