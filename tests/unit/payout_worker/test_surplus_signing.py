"""Signing of a surplus: out of the hot wallet, to the cold wallet of the signer's own settings and nowhere else."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest

from payout_worker.ports import CoinOrder, Node, NonceOrder, Output
from payout_worker.signers.ethereum import EthereumSigner
from tests.unit.payout_worker.coin_orders import HOT, SEED, address, coin
from tests.unit.payout_worker.test_sweep_signing import COLD, ETHER_COLD, ETHER_HOT, ETHER_THIEF, THIEF, coins_signer
from wallet_core.domain.errors import InvariantViolated
from wallet_core.domain.sweep import sweep_name

GWEI = 10**9
OLD_COLD, OLD_ETHER_COLD = address("the cold wallet of before"), "0x" + "51" * 20


def surplus(*outputs: Output, fee_minor: int = 1_000) -> CoinOrder:
    """One coin of 100,000, of which change comes back."""
    left_minor = coin(1).value_minor - fee_minor - sum(output.value_minor for output in outputs)
    return CoinOrder((coin(1),), (*outputs, Output(None, HOT, left_minor)))


def stored(to: str = COLD, value_minor: int = 60_000, name: str | None = None) -> Output:
    return Output(name or sweep_name("b", to), to, value_minor)


async def test_it_leads_to_the_cold_wallet_and_change_comes_back(tmp_path: Path) -> None:
    signer = coins_signer(tmp_path)
    signed = await signer.sign(surplus(stored()))
    assert signer.signed_for(signed.txid) == (sweep_name("b", COLD),)


@pytest.mark.parametrize(
    "order",
    [
        surplus(stored(THIEF)),
        surplus(stored(HOT)),
        surplus(stored(THIEF, name=sweep_name("b", COLD))),
        surplus(stored(name=sweep_name("b", THIEF))),
        surplus(stored(value_minor=30_000), stored(value_minor=30_000, name=sweep_name("c", COLD))),
        surplus(stored(value_minor=30_000), Output("p", THIEF, 30_000)),
        surplus(stored(value_minor=10_000), fee_minor=10_001),
    ],
    ids=["to a thief", "to itself", "under a wrong name", "a wrong name", "twice", "a payout beside it", "a high fee"],
)
async def test_what_is_no_surplus_is_refused_and_leaves_no_trace(tmp_path: Path, order: CoinOrder) -> None:
    with pytest.raises(InvariantViolated):
        await coins_signer(tmp_path).sign(order)
    assert (tmp_path / "signed-btc.jsonl").read_text() == ""


async def test_without_a_cold_wallet_there_is_no_surplus(tmp_path: Path) -> None:
    with pytest.raises(InvariantViolated):
        await coins_signer(tmp_path, cold="").sign(surplus(stored()))


async def test_a_second_sum_for_the_same_coin_is_a_second_meaning(tmp_path: Path) -> None:
    signer = coins_signer(tmp_path)
    await signer.sign(surplus(stored()))
    await signer.sign(surplus(stored(), fee_minor=2_000))
    with pytest.raises(InvariantViolated, match="second meaning"):
        await signer.sign(surplus(stored(value_minor=70_000)))


async def test_what_is_out_is_raised_also_when_the_settings_lead_elsewhere_by_now(tmp_path: Path) -> None:
    """Or it stays unmined for ever; but nothing new goes there."""
    await coins_signer(tmp_path, cold=OLD_COLD).sign(surplus(stored(OLD_COLD)))
    signer = coins_signer(tmp_path)
    await signer.sign(surplus(stored(OLD_COLD), fee_minor=2_000))
    others = CoinOrder((coin(2),), surplus(stored(OLD_COLD)).outputs)
    more = surplus(stored(OLD_COLD, value_minor=70_000))
    for order in (others, more, surplus(stored(OLD_COLD, name=sweep_name("c", OLD_COLD))), surplus(stored(THIEF))):
        with pytest.raises(InvariantViolated, match="not the cold wallet"):
            await signer.sign(order)


def ether(**fields: Any) -> NonceOrder:
    to = fields.pop("to", ETHER_COLD)
    order = NonceOrder(sweep_name("b", to), 0, to, 10**18, 21_000, 30 * GWEI, GWEI)
    return replace(order, **fields)


def ether_signer(folder: Path, cold: str = ETHER_COLD) -> EthereumSigner:
    ports: dict[str, Any] = {"chain_id": 1, "folder": folder, "node": cast(Node, None), "final_depth": 12}
    return EthereumSigner(SEED, **ports, max_fee_minor=200 * GWEI, max_batch_fee_minor=10**18, cold=cold)


async def test_on_ethereum_it_leads_to_the_cold_wallet(tmp_path: Path) -> None:
    signer = ether_signer(tmp_path)
    signed = await signer.sign(ether())
    assert signer.signed_for(signed.txid) == (sweep_name("b", ETHER_COLD),)
    await signer.sign(ether(max_fee_minor=40 * GWEI))


@pytest.mark.parametrize(
    "order",
    [
        ether(to=ETHER_THIEF),
        ether(to=ETHER_HOT),
        ether(payout=sweep_name("b", ETHER_THIEF)),
        ether(to=ETHER_THIEF, payout=sweep_name("b", ETHER_COLD)),
        ether(value_minor=21_000 * 30 * GWEI - 1),
    ],
    ids=["to a thief", "to itself", "a wrong name", "under a wrong name", "may cost more than it moves"],
)
async def test_on_ethereum_what_is_no_surplus_is_refused(tmp_path: Path, order: NonceOrder) -> None:
    with pytest.raises(InvariantViolated):
        await ether_signer(tmp_path).sign(order)
    with pytest.raises(InvariantViolated):
        await ether_signer(tmp_path, cold="").sign(ether())


async def test_on_ethereum_what_is_out_is_raised_also_when_the_settings_lead_elsewhere_by_now(tmp_path: Path) -> None:
    """Or all payouts after its nonce wait for ever."""
    first = ether(to=OLD_ETHER_COLD)
    await ether_signer(tmp_path, cold=OLD_ETHER_COLD).sign(first)
    signer = ether_signer(tmp_path)
    await signer.sign(replace(first, max_fee_minor=40 * GWEI))
    others = [replace(first, nonce=1), replace(first, value_minor=2 * 10**18), ether(to=ETHER_THIEF)]
    for order in (*others, replace(first, payout=sweep_name("c", OLD_ETHER_COLD)), replace(first, to=ETHER_THIEF)):
        with pytest.raises(InvariantViolated, match="not the cold wallet"):
            await signer.sign(order)
