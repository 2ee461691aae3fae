"""A worker with keys that no owner has approved forms and signs nothing, and goes on once one has."""

from __future__ import annotations

from dataclasses import replace

from payout_worker.key_gate import KeyGate, key_parts
from payout_worker.payouts import Payouts
from payout_worker.signals import Stop
from tests.integration.worker.inside import Inside
from wallet_core.domain.payout import Batch, PayoutState
from wallet_core.settings import Environment
from wallet_core.use_cases.key_registers import keys_stand


async def test_nothing_is_formed_or_signed_before_the_keys_stand(inside: Inside) -> None:
    (queued,) = await inside.world.queue(1)
    stands = [False]

    async def gate() -> bool:
        return stands[0]

    inside.payouts = Payouts(inside.ports, inside.payouts._items, Stop(), gate)
    await inside.pay()
    assert await inside.ports.store.count(Batch, {}) == 0
    assert (await inside.withdrawal(queued)).state is PayoutState.QUEUED
    stands[0] = True
    await inside.pay(blocks=1)
    assert await inside.ports.store.count(Batch, {}) == 1


async def test_in_production_a_worker_knows_its_keys_and_another_cold_address(inside: Inside) -> None:
    settings = inside.ports.settings.model_copy(update={"wallet_env": Environment.PRODUCTION})
    ports = replace(inside.ports, settings=settings, core=replace(inside.ports.core, settings=settings))
    assert await KeyGate(ports)(), "the first start registers them"
    sweep = settings.eth_sweep.model_copy(update={"cold_address": inside.world.chain.fresh_address()})
    other = replace(ports, settings=settings.model_copy(update={"eth_sweep": sweep}))
    gate = KeyGate(other)
    assert not await gate() and not await gate()
    assert await KeyGate(ports)()
    assert not await keys_stand(ports.core, {**key_parts(ports), "ETH contract": "0xthief"})
    sandbox = replace(other, settings=other.settings.model_copy(update={"wallet_env": Environment.SANDBOX}))
    assert await KeyGate(sandbox)(), "in the sandbox keys come and go"
