"""Owners, people with money, and sets that are switched on, for the tests of policies."""

from typing import Any

from tests.unit.wallet_core.world import ADDRESS, World
from wallet_core.domain.guards import ChangeGuards
from wallet_core.domain.payout import Withdrawal
from wallet_core.domain.people import Caller
from wallet_core.domain.policies import PolicySet
from wallet_core.domain.policies.policy_set import PolicyDraft
from wallet_core.domain.record import Target
from wallet_core.use_cases.approve_at_server import approve_at_server
from wallet_core.use_cases.change_policies import change_policies
from wallet_core.use_cases.policy_sets import active_set
from wallet_core.use_cases.quote_withdrawal import quote_withdrawal
from wallet_core.use_cases.request_withdrawal import request_withdrawal
from wallet_core.use_cases.switch_policies import switch_policies


async def rich(world: World, person: int, level: int = 1) -> Caller:
    caller = await world.person(person)
    await world.fund(caller, 1_000)
    await world.post(changes=(ChangeGuards(person, lambda guards, _now: guards.with_(level=level)),))
    return caller


async def ask(world: World, caller: Caller, itd: str, address: str = ADDRESS) -> Withdrawal:
    quote = await quote_withdrawal(world.ports, caller, itd, "ETH", address)
    return await request_withdrawal(world.ports, caller, quote.intent.id, await world.code(caller))


async def switched_on(world: World, owner: Caller, *changes: str) -> PolicySet:
    for change in changes:
        await change_policies(world.ports, owner, change)
    draft = await world.memory.get(PolicyDraft, owner.person)
    assert draft is not None
    asked = await switch_policies(world.ports, owner, draft.mark, await world.code(owner))
    await approve_at_server(world.ports, asked.id)
    return await active_set(world.ports)


def spoil(world: World, kind: type[Any], record_id: Any, **fields: Any) -> None:
    """Somebody writes into the database."""
    target = Target(kind.collection, record_id)
    world.memory.documents[target] = {**world.memory.documents[target], **fields}
