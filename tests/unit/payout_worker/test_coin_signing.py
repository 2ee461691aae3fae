"""The signers of coins: exactly what was ordered, one meaning for a payout, one purpose for a coin."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from pathlib import Path

import pytest
from btclib.script.engine import verify_transaction
from btclib.script.script_pub_key import ScriptPubKey
from btclib.tx import Tx, TxOut

from payout_worker.ports import CoinOrder, NonceOrder, Output
from payout_worker.signers.bitcoin_like import BitcoinLikeSigner
from tests.unit.payout_worker.coin_orders import (
    BTC,
    FINAL_DEPTH,
    HOT,
    LTC,
    SEED,
    Chain,
    address,
    coin,
    opened,
    pay,
    to_ourselves,
)
from wallet_core.adapters.chains.scripts import script_pubkey
from wallet_core.adapters.seed_file import public_info
from wallet_core.domain.chain import Utxo
from wallet_core.domain.coin_transaction import most_fee
from wallet_core.domain.errors import InvariantViolated, Unavailable
from wallet_core.domain.network import Network
from wallet_core.domain.transaction_size import output_bytes, transaction_vsize

RECORD = "signed-btc.jsonl"


@pytest.fixture
def chain() -> Chain:
    return Chain()


@pytest.fixture
def signer(chain: Chain, tmp_path: Path) -> BitcoinLikeSigner:
    return opened(chain, tmp_path)


@pytest.mark.parametrize("network", [BTC, LTC], ids=lambda network: network.asset)
async def test_it_signs_exactly_what_was_ordered(chain: Chain, tmp_path: Path, network: Network) -> None:
    signer = opened(chain, tmp_path, network)
    assert signer.address == public_info(SEED)["hot"][network.asset]
    coins = tuple(coin(number) for number in range(1, 4))
    outputs = (Output("p", address("p", network), 250_000), Output(None, signer.address, 49_000))
    signed = await signer.sign(CoinOrder(coins, outputs))
    tx = Tx.parse(signed.raw)
    assert signed.txid == tx.id.hex()
    assert [f"{i.prev_out.tx_id.hex()}:{i.prev_out.vout}" for i in tx.vin] == [utxo.id for utxo in coins]
    assert [(o.value, o.script_pub_key.script) for o in tx.vout] == [
        (output.value_minor, script_pubkey(output.address, network)) for output in outputs
    ]
    # It may be replaced (BIP 125), and now.
    assert {i.sequence for i in tx.vin} == {0xFFFFFFFD}
    assert tx.lock_time == 0
    own = ScriptPubKey(script_pubkey(signer.address, network))
    verify_transaction([TxOut(utxo.value_minor, own) for utxo in coins], tx)


async def test_the_same_order_gives_the_same_bytes(signer: BitcoinLikeSigner) -> None:
    assert await signer.sign(pay("p")) == await signer.sign(pay("p"))


async def test_it_is_no_larger_than_what_its_fee_was_counted_for(signer: BitcoinLikeSigner) -> None:
    order = pay("p", "q", coins=tuple(coin(number) for number in range(300)), fee_minor=30_000)
    tx = Tx.parse((await signer.sign(order)).raw)
    size = sum(output_bytes(script_pubkey(output.address, BTC)) for output in order.outputs)
    counted = transaction_vsize(300, 3, size)
    assert counted - 300 < tx.vsize <= counted


async def test_a_whole_batch_is_signed_in_a_moment(signer: BitcoinLikeSigner) -> None:
    order = pay(*map(str, range(3_000)), coins=tuple(coin(n) for n in range(200)), value_minor=5_000, fee_minor=500_000)
    before = time.monotonic()
    await signer.sign(order)
    assert time.monotonic() - before < 5


async def test_a_fee_may_be_raised_with_the_same_coins_or_more(signer: BitcoinLikeSigner) -> None:
    await signer.sign(pay("p", "q"))
    await signer.sign(pay("p", "q", fee_minor=800))
    await signer.sign(pay("q", "p", coins=[coin(1), coin(2)], fee_minor=900))
    await signer.sign(pay("p", "q", coins=[coin(2), coin(3), coin(1)], fee_minor=1_000))


@pytest.mark.parametrize(
    "second",
    [
        pay("p", "q", coins=[coin(2)]),
        pay("p", "q", coins=[coin(1), coin(3)]),
        pay("p", coins=[coin(1), coin(2)]),
        pay("p", "q", "r", coins=[coin(1), coin(2)]),
        pay("p", "q", coins=[coin(1), coin(2)], value_minor=20_001),
        pay("q", coins=[coin(3)]),
        pay("r", coins=[coin(2), coin(3)]),
    ],
    ids=["one coin less", "another coin", "without one", "with one more", "another value", "one alone", "its coin"],
)
async def test_a_second_meaning_is_refused_also_after_a_restart(
    chain: Chain, tmp_path: Path, second: CoinOrder
) -> None:
    await opened(chain, tmp_path).sign(pay("p", "q", coins=[coin(1), coin(2)]))
    with pytest.raises(InvariantViolated):
        await opened(chain, tmp_path).sign(second)


async def test_another_receiver_is_another_meaning(signer: BitcoinLikeSigner) -> None:
    order = pay("p")
    await signer.sign(order)
    diverted = (replace(order.outputs[0], address=address("thief")), order.outputs[1])
    with pytest.raises(InvariantViolated):
        await signer.sign(replace(order, outputs=diverted))


async def test_a_payout_that_was_never_signed_may_be_batched(signer: BitcoinLikeSigner) -> None:
    await signer.check("p")
    await signer.sign(pay("p"))
    await signer.check("q")
    with pytest.raises(InvariantViolated):
        await signer.check("p")


@pytest.mark.parametrize("blocks_on_top", [FINAL_DEPTH, FINAL_DEPTH - 1])
async def test_it_is_paid_anew_only_after_a_no_op_finally_took_a_coin(
    chain: Chain, signer: BitcoinLikeSigner, blocks_on_top: int
) -> None:
    await signer.sign(pay("p", "q", coins=[coin(1), coin(2)]))
    filled = await signer.sign(to_ourselves(coin(1), coin(2)))
    chain.spend(coin(2), filled.txid, blocks_on_top=blocks_on_top)
    if blocks_on_top == FINAL_DEPTH:
        await signer.check("p")
        await signer.sign(pay("p", coins=[coin(3)], value_minor=21_000))
        await signer.sign(pay("q", "r", coins=[coin(4)]))
        return
    for attempt in (signer.check("p"), signer.sign(pay("p", coins=[coin(3)]))):
        with pytest.raises(InvariantViolated):
            await attempt


async def test_what_one_of_its_attempts_finally_paid_is_never_signed_again(
    chain: Chain, signer: BitcoinLikeSigner
) -> None:
    """The first attempt is dead, but by the second, which paid."""
    await signer.sign(pay("p"))
    raised = await signer.sign(pay("p", coins=[coin(1), coin(2)], fee_minor=900))
    for spent in (coin(1), coin(2)):
        chain.spend(spent, raised.txid)
    for attempt in (signer.check("p"), signer.sign(pay("p", coins=[coin(3)]))):
        with pytest.raises(InvariantViolated):
            await attempt


async def test_every_earlier_attempt_must_be_dead(chain: Chain, signer: BitcoinLikeSigner) -> None:
    await signer.sign(pay("p"))
    await signer.sign(pay("p", coins=[coin(1), coin(2)], fee_minor=900))
    chain.spend(coin(2), "ff" * 32)
    with pytest.raises(InvariantViolated):
        await signer.sign(pay("p", coins=[coin(3)]))
    chain.spend(coin(1), "ff" * 32)
    await signer.sign(pay("p", coins=[coin(3)]))


async def test_a_no_op_and_a_child_may_always_be_signed(signer: BitcoinLikeSigner) -> None:
    paid = await signer.sign(pay("p"))
    await signer.sign(to_ourselves(coin(1)))
    child = to_ourselves(Utxo(paid.txid, 1, 79_500, None), fee_minor=50_000)
    assert (await signer.sign(child)).txid != paid.txid
    # And neither stands in the way of the payment.
    await signer.sign(pay("p", fee_minor=900))


async def test_two_that_meet_at_the_node_are_not_both_signed(chain: Chain, signer: BitcoinLikeSigner) -> None:
    await signer.sign(pay("p"))
    chain.spend(coin(1), "ff" * 32)
    orders = [signer.sign(pay("p", coins=[coin(number)])) for number in (2, 3)]
    outcomes = await asyncio.gather(*orders, return_exceptions=True)
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["InvariantViolated", "Signed"]


@pytest.mark.parametrize(
    "order",
    [
        pay("p", fee_minor=-1),
        pay("p", coins=[coin(1, 5_000_000)], fee_minor=1_000_001),
        pay("p", fee_minor=most_fee(transaction_vsize(1, 2, 62), 200, 294) + 1),
        to_ourselves(coin(1), fee_minor=most_fee(transaction_vsize(1, 1, 31), 200, 294) + 1),
        CoinOrder((coin(1),), (Output(None, address("thief"), 99_000),)),
        CoinOrder((coin(1),), (Output("p", address("p"), 50_000), Output(None, address("thief"), 49_000))),
        pay("p", value_minor=293),
        CoinOrder((coin(1),), (Output("p", address("p"), 99_500), Output(None, HOT, 293))),
        pay("p", coins=[coin(1), coin(1)], fee_minor=900),
        pay("p", "p"),
        CoinOrder((), (Output("p", address("p"), 500),)),
        CoinOrder((coin(1),), ()),
        CoinOrder((coin(1),), (Output("p", address("p", LTC), 99_500),)),
        CoinOrder((Utxo("zz", 0, 100_000, 1),), (Output("p", address("p"), 99_500),)),
        NonceOrder("p", 0, HOT, 5, 21_000, 1, 1),
    ],
    ids=[
        "more than there is",
        "a fee above the ceiling",
        "a rate above the ceiling",
        "a rate above the ceiling, to ourselves",
        "all to somebody else",
        "change to somebody else",
        "a payment that is dust",
        "change that is dust",
        "an input twice",
        "a payout twice",
        "no input",
        "no output",
        "an address of Litecoin",
        "an input that is none",
        "a nonce",
    ],
)
async def test_what_makes_no_sense_is_refused_and_leaves_no_trace(
    signer: BitcoinLikeSigner, tmp_path: Path, order: CoinOrder | NonceOrder
) -> None:
    with pytest.raises(InvariantViolated):
        await signer.sign(order)
    assert (tmp_path / RECORD).read_text() == ""


async def test_what_coin_selection_makes_at_the_most_is_signed(signer: BitcoinLikeSigner) -> None:
    await signer.sign(pay("p", fee_minor=most_fee(transaction_vsize(1, 2, 62), 200, 294)))
    await signer.sign(to_ourselves(coin(2), fee_minor=most_fee(transaction_vsize(1, 1, 31), 200, 294)))


@pytest.mark.parametrize("blocks_on_top", [None, FINAL_DEPTH - 1, FINAL_DEPTH])
async def test_a_child_pays_for_its_parents_too_while_they_are_not_final(
    chain: Chain, tmp_path: Path, blocks_on_top: int | None
) -> None:
    """Or whoever writes into the database could call any coin of ours such an output, and burn it."""
    parent = await opened(chain, tmp_path).sign(pay("p", coins=[coin(1, 900_000)]))
    if blocks_on_top is not None:
        chain.mine(parent.txid, blocks_on_top=blocks_on_top)
    change = Utxo(parent.txid, 1, 879_500, None)
    own, both = (transaction_vsize(1, 1, 31) + vsize for vsize in (0, transaction_vsize(1, 2, 62)))
    signer, most_minor = opened(chain, tmp_path), most_fee(own if blocks_on_top == FINAL_DEPTH else both, 200, 294)
    with pytest.raises(InvariantViolated, match="above the ceiling"):
        await signer.sign(to_ourselves(change, fee_minor=most_minor + 1))
    await signer.sign(to_ourselves(change, fee_minor=most_minor))


async def test_a_child_of_a_child_pays_for_all_of_them(signer: BitcoinLikeSigner) -> None:
    parent = await signer.sign(pay("p", coins=[coin(1, 900_000)]))
    elder = await signer.sign(to_ourselves(Utxo(parent.txid, 1, 879_500, None)))
    left = Utxo(elder.txid, 0, 879_000, None)
    most_minor = most_fee(2 * transaction_vsize(1, 1, 31) + transaction_vsize(1, 2, 62), 200, 294)
    with pytest.raises(InvariantViolated, match="above the ceiling"):
        await signer.sign(to_ourselves(left, fee_minor=most_minor + 1))
    await signer.sign(to_ourselves(left, fee_minor=most_minor))


async def test_a_parent_that_was_never_signed_here_counts_nothing(signer: BitcoinLikeSigner) -> None:
    with pytest.raises(InvariantViolated, match="above the ceiling"):
        await signer.sign(to_ourselves(replace(coin(1), height=None), fee_minor=50_000))


@pytest.mark.parametrize("pays", [True, False])
async def test_no_two_lies_about_what_a_coin_is_worth_are_signed(
    chain: Chain, signer: BitcoinLikeSigner, tmp_path: Path, pays: bool
) -> None:
    """A true signature of each input, out of two transactions that are the same, would make a valid one."""
    payouts = ("a",) if pays else ()
    lied = pay(*payouts, coins=(coin(1, 90_000), coin(2, 110_000)))
    await signer.sign(lied)
    true = CoinOrder((coin(1, 100_000), coin(2, 100_000)), lied.outputs)
    for again in (signer, opened(chain, tmp_path)):
        with pytest.raises(InvariantViolated, match="was worth"):
            await again.sign(true)


async def test_nothing_is_signed_when_the_record_cannot_be_kept(signer: BitcoinLikeSigner, tmp_path: Path) -> None:
    (tmp_path / RECORD).unlink()
    (tmp_path / RECORD).mkdir()
    with pytest.raises(Unavailable):
        await signer.sign(pay("p"))
    await signer.check("p")
