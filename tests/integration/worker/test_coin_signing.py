"""What the signers of coins sign, before real nodes of both kinds: they take it, mine it, and count it as we did."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path

import pytest
from btclib import bech32
from btclib.b32 import power_of_2_base_conversion
from btclib.tx import Tx

from bot.sandbox.coin_node import RPC_PASSWORD, RPC_USER
from payout_worker.ports import CoinOrder, Output, Signed
from payout_worker.signers.bitcoin_like import BitcoinLikeSigner
from payout_worker.signers.coin_signer import CoinSigner, CoinSigning, FeeCeiling
from payout_worker.signers.node_wallet import NodeWalletSigner
from tests.conftest import CoinNode, CoinNodeFactory
from wallet_core.adapters.chains.bitcoin_like_node import BitcoinLikeNode
from wallet_core.adapters.chains.node_wallet import NodeWallet
from wallet_core.adapters.chains.scripts import script_pubkey
from wallet_core.domain.chain import Broadcast, Utxo
from wallet_core.domain.coin_selection import child, raised, select
from wallet_core.domain.coin_transaction import Offered, Payment, Replaced, Selection, Terms
from wallet_core.domain.errors import InvariantViolated
from wallet_core.domain.money import Asset
from wallet_core.domain.network import NETWORKS, Network
from wallet_core.domain.transaction_size import dust_minor, fitting, output_bytes

SEED = bytes(range(32))
COIN = 10**8
FINAL_DEPTH = 3
CEILING = FeeCeiling(max_fee_minor=COIN // 10, max_fee_rate=500)
SIGNING = "itd-hot"


@dataclass
class Stage:
    """A node, our adapter before it, and a funded hot wallet with its signer."""

    node: CoinNode
    ours: BitcoinLikeNode
    network: Network
    signer: CoinSigner

    async def fund(self, *amounts_minor: int) -> list[Utxo]:
        """The hot wallet's coins, after these were added and became final."""
        for amount_minor in amounts_minor:
            await self.node.send(self.signer.address, amount_minor)
        await self.node.mine(1 + FINAL_DEPTH)
        return await self.ours.utxos(self.signer.address)

    def terms(self, rate_minor: int = 10) -> Terms:
        own = script_pubkey(self.signer.address, self.network)
        dust = dust_minor(own, self.network.asset)
        return Terms(rate_minor, CEILING.max_fee_rate, CEILING.max_fee_minor, dust, change_outputs=4)

    def payments(self, outputs: Sequence[Output]) -> list[Payment]:
        scripts = [script_pubkey(output.address, self.network) for output in outputs]
        return [Payment(output_bytes(s), o.value_minor) for s, o in zip(scripts, outputs, strict=True)]

    async def sign(self, found: Selection | None, outputs: Sequence[Output] = ()) -> Signed:
        assert found is not None
        back = [Output(None, self.signer.address, value) for value in found.change_minor]
        order = CoinOrder(found.inputs, (*outputs, *back))
        assert order.fee_minor == found.fee_minor
        signed = await self.signer.sign(order)
        vsize = Tx.parse(signed.raw).vsize
        assert found.vsize - len(found.inputs) - 1 < vsize <= found.vsize
        return signed

    async def in_pool(self, txid: str) -> bool:
        return txid in await self.node.call("getrawmempool")


def to(network: Network, version: int, program: bytes) -> str:
    digits = power_of_2_base_conversion(program, 8, 5)
    return bech32.encode(network.hrp, [version, *digits]).decode()


#: The x coordinate of secp256k1's generator: a key that is on the curve.
POINT = bytes.fromhex("79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798")


async def receivers(stage: Stage) -> dict[str, str]:
    """An address of every kind that is paid."""
    kinds = {"P2PKH": "legacy", "P2SH": "p2sh-segwit", "P2WPKH": "bech32"}
    made = {name: await stage.node.call("getnewaddress", "", kind, wallet="faucet") for name, kind in kinds.items()}
    return {**made, "P2WSH": to(stage.network, 0, POINT), "P2TR": to(stage.network, 1, POINT)}


@asynccontextmanager
async def staged(node: CoinNode, folder: Path, wallet: NodeWallet | None = None) -> AsyncIterator[Stage]:
    """The seed signs, or a wallet of the node."""
    network = NETWORKS[Asset(node.options.chain.upper()), "regtest"]
    ours = BitcoinLikeNode(node.url, RPC_USER, RPC_PASSWORD, "itd-wallet")
    await node.mine(101)
    signing = CoinSigning(network, folder, ours, FINAL_DEPTH, CEILING)
    if wallet:
        signer: CoinSigner = NodeWalletSigner(wallet, await wallet.address(), signing)
    else:
        signer = BitcoinLikeSigner(SEED, signing)
    await ours.watch(signer.address)
    yield Stage(node, ours, network, signer)
    await ours.close()


@pytest.fixture(params=["btc", "ltc"])
async def stage(request: pytest.FixtureRequest, coin_node: CoinNodeFactory, tmp_path: Path) -> AsyncIterator[Stage]:
    async with staged(await coin_node(request.param), tmp_path) as made:
        yield made


@pytest.fixture(params=["btc", "ltc"])
async def by_node(request: pytest.FixtureRequest, coin_node: CoinNodeFactory, tmp_path: Path) -> AsyncIterator[Stage]:
    node = await coin_node(request.param)
    await node.call("createwallet", SIGNING)
    wallet = NodeWallet(node.url, RPC_USER, RPC_PASSWORD, SIGNING)
    async with staged(node, tmp_path, wallet) as made:
        yield made
    await wallet.close()


async def _is_taken_and_mined(stage: Stage) -> None:
    coins = await stage.fund(2 * COIN, COIN)
    addresses = (await receivers(stage)).values()
    outputs = [Output(address, address, COIN // 2 + number) for number, address in enumerate(addresses)]
    found = select(coins, stage.payments(outputs), stage.terms())
    assert found is not None
    assert len(found.inputs) == 2
    signed = await stage.sign(found, outputs)
    assert await stage.ours.refusal(signed.raw) is None
    assert await stage.ours.broadcast(signed.raw) is Broadcast.ACCEPTED
    entry = await stage.node.call("getmempoolentry", signed.txid)
    assert entry["fees"]["base"].scaleb(8) == found.fee_minor >= 10 * entry["vsize"]
    await stage.node.mine()
    included = await stage.ours.inclusion(signed.txid)
    assert included is not None
    tx = await stage.node.call("getrawtransaction", signed.txid, True)
    paid = [(o["scriptPubKey"]["hex"], int(o["value"].scaleb(8))) for o in tx["vout"]]
    assert paid[:5] == [(script_pubkey(o.address, stage.network).hex(), o.value_minor) for o in outputs]
    back = {utxo.value_minor for utxo in await stage.ours.utxos(stage.signer.address)}
    assert back == set(found.change_minor)


async def test_what_the_seed_signs_is_taken_and_mined(stage: Stage) -> None:
    await _is_taken_and_mined(stage)


async def test_what_a_wallet_of_the_node_signs_is_taken_and_mined(by_node: Stage) -> None:
    await _is_taken_and_mined(by_node)


async def test_an_address_and_its_dust_limit_are_the_nodes(by_node: Stage) -> None:
    """The node's wallet signs what our signer would refuse."""
    (coin,) = await by_node.fund(COIN)
    inputs = [{"txid": coin.txid, "vout": coin.index}]
    for address in (await receivers(by_node)).values():
        script = script_pubkey(address, by_node.network)
        assert (await by_node.node.call("validateaddress", address))["scriptPubKey"] == script.hex()
        limit, said = dust_minor(script, by_node.network.asset), []
        for value in (limit - 1, limit):
            outputs = [{address: _coins(value)}, {by_node.signer.address: _coins(COIN - 10_000 - value)}]
            raw = await by_node.node.call("createrawtransaction", inputs, outputs)
            signed = await by_node.node.call("signrawtransactionwithwallet", raw, wallet=SIGNING)
            said.append(await by_node.ours.refusal(bytes.fromhex(signed["hex"])))
        assert said == ["dust", None], address


def _coins(minor: int) -> str:
    return f"{Decimal(minor).scaleb(-8):f}"


async def test_a_full_batch_is_taken(stage: Stage) -> None:
    """And signed in a moment."""
    coins = await stage.fund(COIN, COIN)
    address = (await receivers(stage))["P2TR"]
    count = fitting([43] * 4_000, inputs=2, change=4)
    outputs = [Output(str(number), address, 50_000) for number in range(count)]
    before = time.monotonic()
    signed = await stage.sign(select(coins, stage.payments(outputs), stage.terms()), outputs)
    assert time.monotonic() - before < 5
    assert count > 2_000
    assert await stage.ours.refusal(signed.raw) is None


@pytest.mark.parametrize("stage", ["btc"], indirect=True)
async def test_a_raised_fee_replaces_the_first(stage: Stage) -> None:
    coins = await stage.fund(600_000, 700_000)
    outputs = [Output("p", (await receivers(stage))["P2WPKH"], 550_000)]
    payments = stage.payments(outputs)
    first = found = select(coins, payments, stage.terms())
    assert first is not None
    assert found is not None
    signed = await stage.sign(first, outputs)
    await stage.ours.broadcast(signed.raw)
    least = (await stage.ours.fee_rates()).increment_minor
    # The least that a replacement may offer; and so much that it needs another coin.
    for rate in (10, 470):
        spare = [coin for coin in coins if coin not in first.inputs]
        terms = replace(stage.terms(rate), change_outputs=1)
        again = raised(found.inputs, payments, terms, Replaced(found.fee_minor, found.vsize, least), spare)
        replacement = await stage.sign(again, outputs)
        assert await stage.ours.refusal(replacement.raw) is None
        assert await stage.ours.broadcast(replacement.raw) is Broadcast.ACCEPTED
        assert await stage.in_pool(replacement.txid)
        assert not await stage.in_pool(signed.txid)
        assert again is not None
        found, signed = again, replacement
    assert len(found.inputs) == 2


@pytest.mark.parametrize("stage", ["ltc"], indirect=True)
async def test_a_child_takes_its_parent_along(stage: Stage) -> None:
    coins = await stage.fund(COIN)
    outputs = [Output("p", (await receivers(stage))["P2WPKH"], COIN // 2)]
    first = select(coins, stage.payments(outputs), stage.terms(rate_minor=1))
    assert first is not None
    parent = await stage.sign(first, outputs)
    await stage.ours.broadcast(parent.raw)
    change = [Utxo(parent.txid, at, value, None) for at, value in enumerate(first.change_minor, 1)]
    found = child(change, Offered(first.fee_minor, first.vsize), stage.terms(rate_minor=50))
    signed = await stage.sign(found)
    assert await stage.ours.refusal(signed.raw) is None
    assert await stage.ours.broadcast(signed.raw) is Broadcast.ACCEPTED
    entry = await stage.node.call("getmempoolentry", signed.txid)
    assert entry["fees"]["ancestor"].scaleb(8) >= 50 * entry["ancestorsize"]
    await stage.node.mine()
    for txid in (parent.txid, signed.txid):
        assert await stage.ours.inclusion(txid) is not None


async def test_a_payout_is_signed_anew_when_a_no_op_finally_took_its_coin(stage: Stage) -> None:
    """And not a block earlier; and never again once it was paid."""
    one, two = await stage.fund(COIN, 2 * COIN)
    signer, back = stage.signer, stage.signer.address
    receiver = (await receivers(stage))["P2WPKH"]

    await signer.sign(_paying(one, receiver, back))
    no_op = await signer.sign(CoinOrder((one,), (Output(None, back, one.value_minor - 5_000),)))
    await stage.ours.broadcast(no_op.raw)
    await stage.node.mine(FINAL_DEPTH)
    for refused in (signer.check("p"), signer.sign(_paying(two, receiver, back))):
        with pytest.raises(InvariantViolated):
            await refused
    await stage.node.mine()
    await signer.check("p")
    paid = await signer.sign(_paying(two, receiver, back))
    await stage.ours.broadcast(paid.raw)
    await stage.node.mine(1 + FINAL_DEPTH)
    (three,) = [utxo for utxo in await stage.ours.utxos(back) if utxo.txid == no_op.txid]
    for refused in (signer.check("p"), signer.sign(_paying(three, receiver, back))):
        with pytest.raises(InvariantViolated):
            await refused


def _paying(coin: Utxo, receiver: str, back: str) -> CoinOrder:
    change_minor = coin.value_minor - COIN // 2 - 5_000
    return CoinOrder((coin,), (Output("p", receiver, COIN // 2), Output(None, back, change_minor)))
