"""The bot's side of cases and refunds, on the same database as a worker."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace

import pyotp

from tests.faults.world import PERSON, World
from tests.support.roles import give_role
from tests.support.wallet import PatientTotp
from wallet_core.adapters.vault import KeyFileVault
from wallet_core.domain.case import Case, CaseChoice
from wallet_core.domain.guards import ChangeGuards
from wallet_core.domain.ledger import Posting
from wallet_core.domain.payout import Withdrawal
from wallet_core.domain.people import Caller, Role
from wallet_core.ports import Ports
from wallet_core.use_cases.codes import new_id, secret_bound_to
from wallet_core.use_cases.decide_case import decide_case
from wallet_core.use_cases.quote_refund import quote_refund
from wallet_core.use_cases.request_refund import request_refund

_SECRET = "JBSWY3DPEHPK3PXP" * 2
_ADMIN = 7


@dataclass
class Desk:
    """The bot's side: an admin and a person, each with an authenticator."""

    world: World
    ports: Ports
    person: int = PERSON
    admin: int = _ADMIN
    steps: dict[int, int] = field(default_factory=dict)

    @classmethod
    async def open(cls, world: World, person: int = PERSON, admin: int = _ADMIN) -> Desk:
        """Enrols both."""
        vault = KeyFileVault({"00000001": b"v" * 32}, bytes.fromhex("11" * 32))
        desk = cls(world, replace(world.ports, vault=vault, totp=PatientTotp()), person, admin)
        changes = tuple(_enrolled(vault, who) for who in (person, admin))
        await world.ports.ledger.post(Posting(f"test:{new_id()}", "test", "test", changes=changes))
        await give_role(desk.ports, admin, Role.OWNER)
        return desk

    def code(self, person: int) -> str:
        """A code that was not given before; the desk takes codes of later steps too."""
        step = max(int(time.time()) // 30, self.steps.get(person, 0) + 1)
        self.steps[person] = step
        return str(pyotp.TOTP(_SECRET).generate_otp(step))

    async def decide(self, case: Case, choice: CaseChoice) -> Case:
        """By the admin."""
        code = self.code(self.admin)
        return await decide_case(self.ports, Caller(self.admin), case.id, choice, seen=case.decisions, code=code)

    async def ask_back(self, case: Case, address: str) -> Withdrawal:
        """The person names an address."""
        quote = await quote_refund(self.ports, Caller(self.person), case.id, address)
        return await request_refund(self.ports, Caller(self.person), quote.intent.id, self.code(self.person))


def _enrolled(vault: KeyFileVault, person: int) -> ChangeGuards:
    sealed = vault.seal(_SECRET.encode(), bound_to=secret_bound_to(person))
    return ChangeGuards(person, lambda guards, _: guards.with_(secret=sealed))
