"""Keys that are not the registered ones are used for nothing new before an owner agreed."""

from collections.abc import Mapping
from typing import Any

import pytest

from tests.unit.wallet_core.desk import told
from tests.unit.wallet_core.world import World, reason_of
from wallet_core.domain.approval import Approval, ApprovalState
from wallet_core.domain.errors import Reason
from wallet_core.domain.journal import JournalRecord
from wallet_core.domain.key_register import KeyRegister, fingerprint
from wallet_core.domain.people import Caller, Role
from wallet_core.domain.record import Target
from wallet_core.use_cases.approve import approve
from wallet_core.use_cases.approve_at_server import approve_at_server
from wallet_core.use_cases.key_registers import keys_stand, registered
from wallet_core.use_cases.refuse_approval import refuse_approval

KEYS = {"mac key": fingerprint("a"), "ETH hot wallet": "0x1", "ETH cold wallet": ""}
OTHERS = {**KEYS, "ETH cold wallet": "0xthief"}


@pytest.fixture
async def otto(world: World) -> Caller:
    return await world.person(21, "otto", role=Role.OWNER)


async def asked(world: World) -> list[Approval]:
    found = await world.memory.find(Approval, {})
    return sorted(found, key=lambda one: one.expires_at)


async def test_a_fresh_installation_registers_by_itself_and_what_is_used_later_with_it(world: World) -> None:
    assert await keys_stand(world.ports, KEYS) and await keys_stand(world.ports, KEYS)
    assert await keys_stand(world.ports, {"BTC hot wallet": "bc1"})
    register = await registered(world.ports)
    assert register is not None and (register.id, register.parts) == (2, {**KEYS, "BTC hot wallet": "bc1"})
    assert await asked(world) == []


async def test_other_keys_wait_for_an_owner_who_is_asked_once(world: World, otto: Caller) -> None:
    await keys_stand(world.ports, KEYS)
    assert [await keys_stand(world.ports, OTHERS) for _ in range(3)] == [False] * 3
    assert [one["alarm"] for one in told(world, 21, "alarm")] == ["keys_changed"]
    (question,) = await asked(world)
    assert question.what["changed"] == {"ETH cold wallet": {"before": "", "after": "0xthief"}}
    assert told(world, 21, "approval")[0]["asked_by"] == 0
    assert await reason_of(approve_at_server(world.ports, question.id)) is Reason.NOT_ALLOWED
    assert not await keys_stand(world.ports, OTHERS)
    await approve(world.ports, otto, question.id, await world.code(otto))
    assert await keys_stand(world.ports, OTHERS)
    assert not await keys_stand(world.ports, KEYS), "the old ones are others now"
    record = await world.memory.get(JournalRecord, "keys:2")
    assert record is not None and record.by == "person:21" and record.facts["approval"] == question.id


async def test_the_same_key_that_is_another_one_again_months_later_is_told_again(world: World, otto: Caller) -> None:
    for keys in (KEYS, OTHERS, KEYS):
        await keys_stand(world.ports, keys)
        for question in await world.memory.find(Approval, {"state": ApprovalState.ASKED}):
            await approve(world.ports, otto, question.id, await world.code(otto))
        world.clock.turn(days=150)
    subjects = [one["subject"] for one in told(world, 21, "alarm")]
    assert subjects == ["ETH cold wallet (2027-04-21)", "ETH cold wallet (2027-09-18)"]


async def test_finance_approves_no_keys_and_a_refusal_is_not_asked_again_at_once(world: World, otto: Caller) -> None:
    fin = await world.person(22, role=Role.FINANCE)
    await keys_stand(world.ports, KEYS)
    await keys_stand(world.ports, OTHERS)
    (question,) = await asked(world)
    assert await reason_of(approve(world.ports, fin, question.id, await world.code(fin))) is Reason.NOT_ALLOWED
    await refuse_approval(world.ports, otto, question.id, await world.code(otto))
    assert not await keys_stand(world.ports, OTHERS) and len(await asked(world)) == 1
    world.clock.turn(days=2)
    assert not await keys_stand(world.ports, OTHERS) and len(await asked(world)) == 2


@pytest.mark.parametrize(
    "harm",
    [{"parts": {**OTHERS}}, {"mac": "f" * 64}, None],
    ids=["rewritten", "another seal", "removed"],
)
async def test_whoever_writes_into_the_register_gets_nothing_signed(
    world: World, otto: Caller, harm: Mapping[str, Any] | None
) -> None:
    await keys_stand(world.ports, KEYS)
    target = Target(KeyRegister.collection, 1)
    if harm is None:
        del world.memory.documents[target]
    else:
        world.memory.documents[target] |= harm
    assert not await keys_stand(world.ports, OTHERS)
    (question,) = await asked(world)
    assert len(told(world, 21, "alarm")) == 1
    await approve(world.ports, otto, question.id, await world.code(otto))
    assert await keys_stand(world.ports, OTHERS)
