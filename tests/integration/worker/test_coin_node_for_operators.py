"""What operators ask of Bitcoin's and Litecoin's nodes: doctor, verify, addresses, and a node's wallet that signs."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.sandbox.coin_node import RPC_PASSWORD, RPC_USER
from tests.conftest import CoinNodeFactory
from tests.support.cases import invoice_of
from tests.support.coins import COIN, SPENDING, WATCHING, Stage, open_stage
from wallet_core import diagnosis
from wallet_core.adapters.chains.bitcoin_like_addresses import BitcoinLikeAddresses
from wallet_core.adapters.chains.bitcoin_like_balances import BitcoinLikeBalances
from wallet_core.adapters.chains.node_wallet import NodeWallet
from wallet_core.adapters.seed_file import public_info
from wallet_core.bootstrap import chains_to_verify
from wallet_core.diagnosis import Check
from wallet_core.domain.errors import Unavailable
from wallet_core.domain.money import Asset
from wallet_core.settings import BitcoinLikeSettings, Signing
from wallet_core.use_cases.nodes import _address_gaps


@pytest.fixture(params=["btc", "ltc"])
async def stage(request: pytest.FixtureRequest, coin_node: CoinNodeFactory) -> AsyncIterator[Stage]:
    async with open_stage(await coin_node(request.param)) as made:
        yield made


@pytest.fixture
def keys(stage: Stage, tmp_path: Path) -> Path:
    """A key folder whose hot wallet is the stage's."""
    (tmp_path / "public.json").write_text(json.dumps({"deposits": {}, "hot": {stage.network.asset: stage.hot}}))
    return tmp_path


async def examined(stage: Stage, keys: Path, *, hot: str = "", **settings: object) -> Check:
    if hot:
        (keys / "public.json").write_text(json.dumps({"hot": {stage.network.asset: hot}}))
    given = stage.settings(wallet_keys_dir=keys, **settings)
    return await diagnosis._coins("the node", given, stage.network.asset)


# Doctor


async def test_a_node_that_is_well_is_told_with_network_height_and_version(stage: Stage, keys: Path) -> None:
    check = await examined(stage, keys)
    assert not check.fault
    assert check.state.startswith("regtest, block 101, version ")


async def test_a_chain_that_is_not_served_is_no_fault(stage: Stage, keys: Path) -> None:
    settings = stage.settings(wallet_keys_dir=keys)
    (other,) = {Asset.BTC, Asset.LTC} - {stage.network.asset}
    assert await diagnosis._coins("another", settings, other) == Check("another", "not served")
    patient = diagnosis._Patient(settings, None, None)  # type: ignore[arg-type]  # neither is asked for
    assert (await diagnosis._ethereum(patient)).state == "not served"


async def test_another_network_or_genesis_is_a_fault(stage: Stage, keys: Path) -> None:
    asset = stage.network.asset.lower()
    chain = getattr(stage.settings(), asset)
    for change in ({"network": "main"}, {"genesis": "ab" * 32}):
        check = await examined(stage, keys, **{asset: chain.model_copy(update=change)})
        assert check.mend.startswith("it should be ")


async def test_an_address_that_the_node_does_not_watch_is_a_fault(stage: Stage, keys: Path) -> None:
    check = await examined(stage, keys, hot=await stage.elsewhere())
    assert "has the node watch the hot wallet" in check.mend
    chain = getattr(stage.settings(), stage.network.asset.lower()).model_copy(update={"rpc_wallet": "missing"})
    check = await examined(stage, keys, **{stage.network.asset.lower(): chain})
    assert "has the node watch the hot wallet" in check.mend


async def test_only_a_recent_litecoin_may_look_after_real_coins(stage: Stage, keys: Path) -> None:
    check = await examined(stage, keys, wallet_env="production")
    old = stage.network.asset is Asset.LTC and await stage.ours.version() < 210_504
    assert check.mend == ("install version 210504 or newer" if old else "")


# Verify


async def test_the_balance_is_what_the_chain_says_whatever_waits_in_the_pool(stage: Stage) -> None:
    balances = BitcoinLikeBalances(stage.node.url, RPC_USER, RPC_PASSWORD, WATCHING)
    (coin,) = await stage.pay_hot(3 * COIN)
    raw = await stage.spend(coin, {await stage.elsewhere(): COIN, stage.hot: COIN})
    assert await balances.balance_minor(stage.hot) == 3 * COIN
    await stage.ours.broadcast(raw)
    await stage.node.send(stage.hot, 7 * COIN)
    assert await balances.balance_minor(stage.hot) == 3 * COIN
    await stage.node.mine()
    assert await balances.balance_minor(stage.hot) == 8 * COIN
    assert await balances.balance_minor(await stage.elsewhere()) == 0
    await balances.close()


async def test_a_hundred_deposits_are_compared_without_asking_a_node_for_more_than_it_takes(stage: Stage) -> None:
    now = datetime.now(UTC)
    paid = [invoice_of(1, now, stage.network.asset, address=stage.hot, received_minor=1) for _ in range(100)]
    balances = BitcoinLikeBalances(stage.node.url, RPC_USER, RPC_PASSWORD, WATCHING)
    assert len(await _address_gaps(paid, Counter(), balances)) == 100
    await balances.close()


# Addresses


async def test_the_node_takes_our_addresses_for_what_we_take_them(stage: Stage) -> None:
    public = public_info(bytes(range(32)))
    asset = stage.network.asset.value
    addresses = BitcoinLikeAddresses(public["deposits"][asset], stage.network, frozenset())
    descriptor = f"wpkh({public['deposits'][asset]}/0/*)"
    checked = (await stage.node.call("getdescriptorinfo", descriptor))["descriptor"]
    assert await stage.node.call("deriveaddresses", checked, [0, 3]) == [addresses.deposit(n) for n in range(4)]
    for address in (public["hot"][asset], addresses.deposit(0)):
        assert (await stage.node.call("validateaddress", address))["isvalid"]


@pytest.mark.parametrize("kind", ["legacy", "p2sh-segwit", "bech32"])
async def test_every_kind_of_address_that_the_node_makes_is_right(stage: Stage, kind: str) -> None:
    public = public_info(bytes(range(32)))
    addresses = BitcoinLikeAddresses(public["deposits"][stage.network.asset], stage.network, frozenset())
    address = await stage.node.call("getnewaddress", "", kind, wallet=SPENDING)
    assert addresses.check(address) == address


# The node's own wallet as the signer


async def test_a_nodes_wallet_has_one_address_and_signs_for_it(stage: Stage) -> None:
    wallet = NodeWallet(stage.node.url, RPC_USER, RPC_PASSWORD, SPENDING)
    address = await wallet.address()
    assert await wallet.address() == address
    assert address.startswith(f"{stage.network.hrp}1q")
    (coin,) = await stage.pay_hot(COIN)
    bare = await stage.node.call(
        "createpsbt", [{"txid": coin[:64], "vout": int(coin[65:])}], [{await stage.elsewhere(): "0.5"}]
    )
    psbt, complete = await wallet.process_psbt(bare)
    assert complete
    raw = bytes.fromhex((await stage.node.call("finalizepsbt", psbt))["hex"])
    assert await stage.ours.refusal(raw) is None
    await wallet.close()


async def test_a_signing_wallet_that_nobody_made_is_no_answer(stage: Stage) -> None:
    wallet = NodeWallet(stage.node.url, RPC_USER, RPC_PASSWORD, "missing")
    with pytest.raises(Unavailable, match="-18"):
        await wallet.address()
    assert "missing" not in await stage.node.call("listwallets")
    await wallet.close()


# Which address is the hot wallet's


async def test_verify_asks_for_the_seeds_address_or_for_that_of_the_wallet_that_signs(stage: Stage, keys: Path) -> None:
    asset = stage.network.asset
    await stage.pay_hot(COIN)
    async with chains_to_verify(stage.settings(wallet_keys_dir=keys)) as chains:
        assert list(chains) == [asset]
        assert chains[asset].hot_address == stage.hot
        assert chains[asset].max_batch_fee_minor == COIN // 100
        assert await chains[asset].balances.balance_minor(stage.hot) == COIN
    chain: BitcoinLikeSettings = getattr(stage.settings(), asset.lower())
    by_node = chain.model_copy(update={"signer": Signing.NODE, "signing_wallet": SPENDING})
    async with chains_to_verify(stage.settings(**{asset.lower(): by_node})) as chains:
        labelled = await stage.node.call("getaddressesbylabel", "itd-hot", wallet=SPENDING)
        assert {chains[asset].hot_address} == set(labelled)
