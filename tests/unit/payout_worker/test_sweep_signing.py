"""Signing of sweeps: out of deposit addresses, to our own wallets and nowhere else, and each coin or nonce once."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest
from btclib.script.engine import verify_transaction
from btclib.script.script_pub_key import ScriptPubKey
from btclib.tx import Tx, TxOut
from eth_account import Account
from eth_account.typed_transactions import TypedTransaction
from hexbytes import HexBytes

from payout_worker.ports import CoinOrder, NonceNode, NonceOrder, Output, taken_nonce
from payout_worker.signers.bitcoin_like import BitcoinLikeSigner
from payout_worker.signers.ethereum import EthereumSigner
from payout_worker.signers.node_wallet import NodeWalletSigner
from tests.unit.payout_worker.coin_orders import (
    BTC,
    HOT,
    SEED,
    Chain,
    address,
    coin,
    pay,
    signing,
)
from tests.unit.payout_worker.test_node_wallet_signing import Wallet
from wallet_core.adapters.chains.bitcoin_like_addresses import BitcoinLikeAddresses
from wallet_core.adapters.chains.ethereum_addresses import EthereumAddresses
from wallet_core.adapters.chains.scripts import script_pubkey
from wallet_core.adapters.seed_file import public_info
from wallet_core.domain.errors import InvariantViolated
from wallet_core.domain.sweep import sweep_name

PUBLIC = public_info(SEED)
COLD, THIEF = address("cold"), address("thief")
ETHER_HOT, ETHER_COLD, ETHER_THIEF = PUBLIC["hot"]["ETH"], "0x" + "52" * 20, "0x" + "66" * 20
GWEI = 10**9


@pytest.fixture
def signer(tmp_path: Path) -> BitcoinLikeSigner:
    return coins_signer(tmp_path)


def coins_signer(folder: Path, cold: str = COLD) -> BitcoinLikeSigner:
    return BitcoinLikeSigner(SEED, signing(Chain(), folder), cold=cold)


def sweep(*numbers: int, to: str = HOT, batch: str = "b", fee_minor: int = 1_000, **other: Any) -> CoinOrder:
    """Coins of these numbers, each at the deposit address of its number."""
    inputs = tuple(coin(number) for number in numbers)
    value_minor = sum(utxo.value_minor for utxo in inputs) - fee_minor
    output = Output(sweep_name(batch, to), to, value_minor)
    return replace(CoinOrder(inputs, (output,), numbers), **other)


async def test_each_coin_is_signed_by_the_key_of_its_deposit_address(signer: BitcoinLikeSigner) -> None:
    order = sweep(3, 1, 2)
    signed = await signer.sign(order)
    tx, deposits = Tx.parse(signed.raw), BitcoinLikeAddresses(PUBLIC["deposits"]["BTC"], BTC, frozenset())
    spent = [
        TxOut(utxo.value_minor, ScriptPubKey(script_pubkey(deposits.deposit(index), BTC)))
        for utxo, index in zip(order.inputs, order.indices, strict=True)
    ]
    verify_transaction(spent, tx)
    (output,) = tx.vout
    assert (output.value, output.script_pub_key.script) == (299_000, script_pubkey(HOT, BTC))
    assert signer.signed_for(signed.txid) == (sweep_name("b", HOT),)


@pytest.mark.parametrize("to", [HOT, COLD])
async def test_it_leads_to_our_own_wallets(signer: BitcoinLikeSigner, to: str) -> None:
    await signer.sign(sweep(1, to=to))


@pytest.mark.parametrize(
    "order",
    [
        sweep(1, to=THIEF),
        sweep(1, outputs=(Output(sweep_name("b", HOT), HOT, 50_000), Output(sweep_name("b", COLD), COLD, 49_000))),
        sweep(1, outputs=(Output(sweep_name("b", HOT), HOT, 50_000), Output("p", THIEF, 49_000))),
        sweep(1, outputs=(Output(None, HOT, 99_000),)),
        sweep(1, outputs=()),
        sweep(1, 2, indices=(1,)),
        sweep(1, fee_minor=50_001),
        sweep(*range(1, 5), fee_minor=200_000),
    ],
    ids=[
        "to somebody else",
        "two outputs",
        "a payout beside it",
        "no name",
        "no output",
        "a coin without an index",
        "a fee above what is left",
        "a rate above the ceiling",
    ],
)
async def test_what_is_no_sweep_is_refused_and_leaves_no_trace(
    signer: BitcoinLikeSigner, tmp_path: Path, order: CoinOrder
) -> None:
    with pytest.raises(InvariantViolated):
        await signer.sign(order)
    assert (tmp_path / "signed-btc.jsonl").read_text() == ""


async def test_a_fee_may_be_raised_and_what_arrives_shrinks(signer: BitcoinLikeSigner) -> None:
    first, second = await signer.sign(sweep(1, 2)), await signer.sign(sweep(1, 2, fee_minor=2_000))
    assert first.txid != second.txid


async def test_what_is_out_is_raised_also_when_the_settings_lead_elsewhere_by_now(tmp_path: Path) -> None:
    """But nothing new goes there, nor where it never went."""
    old = address("the cold wallet of before")
    await coins_signer(tmp_path, cold=old).sign(sweep(1, 2, to=old))
    signer = coins_signer(tmp_path)
    await signer.sign(sweep(1, 2, to=old, fee_minor=2_000))
    thief = Output(sweep_name("b", old), THIEF, 198_000)
    for order in (sweep(1, to=old), sweep(3, to=old), sweep(1, 2, to=old, batch="c"), sweep(1, 2, outputs=(thief,))):
        with pytest.raises(InvariantViolated, match="no wallet of ours"):
            await signer.sign(order)


@pytest.mark.parametrize(
    "second",
    [
        sweep(1, 2, to=COLD),
        sweep(1, 2, batch="c"),
        sweep(1),
        sweep(1, 3),
        sweep(2, 3, batch="c"),
        pay("p", coins=[coin(2)]),
    ],
    ids=["elsewhere", "another batch", "fewer coins", "another coin", "one of its coins", "a payout with its coin"],
)
async def test_a_deposit_has_one_meaning_also_after_a_restart(tmp_path: Path, second: CoinOrder) -> None:
    await coins_signer(tmp_path).sign(sweep(1, 2))
    with pytest.raises(InvariantViolated):
        await coins_signer(tmp_path).sign(second)


async def test_a_deposit_is_worth_the_same_for_ever(signer: BitcoinLikeSigner) -> None:
    await signer.sign(sweep(1))
    lied = replace(coin(1), value_minor=100_500)
    with pytest.raises(InvariantViolated, match="was worth"):
        await signer.sign(replace(sweep(1), inputs=(lied,)))


async def test_another_worker_learns_of_it(tmp_path: Path) -> None:
    signed = await coins_signer(tmp_path / "one").sign(sweep(1))
    other = coins_signer(tmp_path / "two")
    assert (other.learn([signed.entry]), other.unknown([signed.txid])) == (1, [])
    with pytest.raises(InvariantViolated):
        await other.sign(sweep(1, batch="c"))


async def test_a_wallet_of_the_node_has_no_key_of_a_deposit(tmp_path: Path) -> None:
    wallet = Wallet(lambda: "")
    with pytest.raises(InvariantViolated, match="no key"):
        await NodeWalletSigner(wallet, HOT, signing(Chain(), tmp_path)).sign(sweep(1))
    assert wallet.asked == []


def test_a_cold_wallet_that_is_none_is_found_at_the_start(tmp_path: Path) -> None:
    with pytest.raises(InvariantViolated):
        coins_signer(tmp_path, cold="bc1qnone")
    with pytest.raises(InvariantViolated):
        ether_signer(tmp_path, cold=ETHER_COLD.upper())


def test_a_cold_wallet_that_is_the_hot_one_is_found_at_the_start(tmp_path: Path) -> None:
    for cold in (HOT, HOT.upper()):
        with pytest.raises(InvariantViolated, match="own address"):
            coins_signer(tmp_path, cold=cold)
    with pytest.raises(InvariantViolated, match="own address"):
        ether_signer(tmp_path, cold=ETHER_HOT)


def ether_signer(folder: Path, cold: str = ETHER_COLD) -> EthereumSigner:
    kept: dict[str, Any] = {"folder": folder, "node": cast(NonceNode, Chain()), "final_depth": 2}
    return EthereumSigner(SEED, chain_id=31337, max_fee_minor=200 * GWEI, max_batch_fee_minor=10**18, cold=cold, **kept)


def ether_sweep(index: int = 7, *, to: str = ETHER_HOT, batch: str = "b", **other: Any) -> NonceOrder:
    usual = {"nonce": 0, "value_minor": 10**18, "gas_limit": 21_000, "max_fee_minor": 3 * GWEI, "tip_minor": GWEI}
    return NonceOrder(payout=sweep_name(batch, to), to=to, index=index, **{**usual, **other})


@pytest.mark.parametrize("to", [ETHER_HOT, ETHER_COLD])
async def test_ether_leaves_by_the_key_of_its_deposit_address(tmp_path: Path, to: str) -> None:
    signer, deposits = ether_signer(tmp_path), EthereumAddresses(PUBLIC["deposits"]["ETH"], 31337, frozenset())
    signed = await signer.sign(ether_sweep(to=to))
    transaction = TypedTransaction.from_bytes(HexBytes(signed.raw)).as_dict()
    assert (HexBytes(transaction["to"]), transaction["value"]) == (HexBytes(to), 10**18)
    assert Account.recover_transaction(signed.raw) == deposits.deposit(7)
    assert signer.signed_for(signed.txid) == (sweep_name("b", to),)
    assert signer.unknown([taken_nonce(0, deposits.deposit(7)), taken_nonce(0)]) == [taken_nonce(0)]


@pytest.mark.parametrize(
    "order",
    [
        ether_sweep(to=ETHER_THIEF),
        replace(ether_sweep(), payout=None),
        ether_sweep(max_fee_minor=201 * GWEI),
        ether_sweep(gas_limit=100_001),
        ether_sweep(value_minor=3 * GWEI * 21_000 - 1),
    ],
    ids=["to somebody else", "no name", "fee", "gas", "more for gas than is left"],
)
async def test_what_is_no_sweep_of_ether_is_refused(tmp_path: Path, order: NonceOrder) -> None:
    with pytest.raises(InvariantViolated):
        await ether_signer(tmp_path).sign(order)
    assert ether_signer(tmp_path).signed_count() == 0


async def test_an_addresss_nonce_has_one_meaning_and_each_address_its_own(tmp_path: Path) -> None:
    await ether_signer(tmp_path).sign(ether_sweep())
    await ether_signer(tmp_path).sign(ether_sweep(value_minor=10**17, max_fee_minor=4 * GWEI))
    for second in (ether_sweep(to=ETHER_COLD), ether_sweep(batch="c"), ether_sweep(nonce=1)):
        with pytest.raises(InvariantViolated):
            await ether_signer(tmp_path).sign(second)
    await ether_signer(tmp_path).sign(ether_sweep(8, batch="c"))
    await ether_signer(tmp_path).sign(NonceOrder("p", 0, ETHER_THIEF, 5, 21_000, 3 * GWEI, GWEI))


async def test_a_sweep_of_ether_is_raised_also_when_the_settings_lead_elsewhere_by_now(tmp_path: Path) -> None:
    """With its own nonce alone, out of its own address."""
    old = "0x" + "51" * 20
    await ether_signer(tmp_path, cold=old).sign(ether_sweep(to=old))
    signer = ether_signer(tmp_path)
    await signer.sign(ether_sweep(to=old, value_minor=10**17, max_fee_minor=4 * GWEI))
    thief = replace(ether_sweep(to=old), to=ETHER_THIEF)
    for order in (ether_sweep(to=old, nonce=1), ether_sweep(8, to=old), ether_sweep(to=old, batch="c"), thief):
        with pytest.raises(InvariantViolated, match="no wallet of ours"):
            await signer.sign(order)
