"""What a hot wallet has, told by a chain that goes on while it is asked."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, cast

import pytest

from payout_worker.families.coin_levels import free_coins
from payout_worker.families.ether_levels import ether_surplus, free_ether
from payout_worker.families.ethereum import MOST_UNCONFIRMED, Ethereum
from payout_worker.ports import RailPorts
from payout_worker.tenure import Tenure
from payout_worker.watchers.level import watch_level
from payout_worker.watchers.settled import watch_settled
from wallet_core.adapters.in_memory import InMemory
from wallet_core.domain.chain import Fees, Heights, Utxo
from wallet_core.domain.hot_wallet import Level
from wallet_core.domain.journal import JournalRecord
from wallet_core.domain.lease import Lease
from wallet_core.domain.money import Asset
from wallet_core.domain.payout import Batch, BatchState, PayoutState, Withdrawal
from wallet_core.domain.purchase import Rail
from wallet_core.domain.record import Target
from wallet_core.settings import EthereumHotSettings, EthereumSweepSettings, Settings

ETHER, GWEI = 10**18, 10**9
NOW = datetime(2026, 11, 22, tzinfo=UTC)
HOT, COLD = "0x" + "11" * 20, "0x" + "52" * 20
TENURE = Tenure("lease", 1, "me")
SETTINGS = Settings(
    eth_final_depth=12,
    eth_hot=EthereumHotSettings(floor="5", ceiling="10"),
    eth_sweep=EthereumSweepSettings(cold_address=COLD),
)


@dataclass
class EtherChain:
    """How often the hot wallet had sent, and what it had, from each of these blocks on. One comes at each look."""

    blocks: dict[int, tuple[int, int]]
    at: int

    def _as_of(self, height: int | None) -> tuple[int, int]:
        asked = self.at if height is None else height
        return self.blocks[max(since for since in self.blocks if since <= asked)]

    async def heights(self) -> Heights:
        told = Heights(self.at, self.at)
        self.at += 1
        return told

    async def nonce(self, address: str, height: int | None = None) -> int:
        return self._as_of(height)[0]

    async def balance(self, address: str, height: int | None = None) -> int:
        return self._as_of(height)[1]

    async def fees(self) -> Fees:
        return Fees(GWEI, GWEI)

    async def gas_for(self, sender: str, to: str, value_minor: int, price_minor: int) -> int | None:
        return 21_000

    async def block_hash(self, height: int) -> str | None:
        return "0xnow"

    async def known(self, txid: str) -> bool:
        return True


@dataclass
class Signer:
    """An address, and the transactions that it signed."""

    address: str = HOT
    signed: set[str] = field(default_factory=set)

    def signed_for(self, txid: str) -> tuple[str, ...] | None:
        return () if txid in self.signed else None


def ports_of(asset: Asset, node: object, store: InMemory, signer: Signer | None = None) -> RailPorts[Any]:
    none: Any = None
    core: Any = SimpleNamespace(vault=SimpleNamespace(mac_fits=lambda *_: True), addresses={})
    return RailPorts(core, SETTINGS, store, store, asset, none, none, cast(Any, node), cast(Any, signer or Signer()))


def keep(store: InMemory, *records: Any) -> InMemory:
    for record in records:
        store.documents[Target(record.collection, record.id)] = record.document()
    return store


def payout(payout_id: str, coin_minor: int, state: PayoutState = PayoutState.BATCHED) -> Withdrawal:
    return Withdrawal(
        id=payout_id, person=1, state=state, asset=Asset.ETH, address="0x", amount_minor=1, fee_minor=0,
        coin_minor=coin_minor, rate_minor=1, quoted_until=NOW, mac="", decision={}, limit_day="",
    )  # fmt: skip


def batch(nonce: int | None, state: BatchState = BatchState.BROADCAST, *payouts: str, **fields: Any) -> Batch:
    named: dict[str, Any] = {"id": f"b{nonce}", "asset": Asset.ETH, "sender": HOT, "nonce": nonce}
    return Batch(**{**named, "state": state, "payouts": payouts, **fields})


async def test_a_batch_that_is_mined_during_the_look_is_not_missed_twice() -> None:
    """Or finance is told to bring money that is there, and then that it is filled."""
    store = keep(InMemory(), payout("p", 62 * ETHER), batch(5, BatchState.BROADCAST, "p"))
    mined = EtherChain({0: (5, 100 * ETHER), 20: (6, 37 * ETHER)}, at=20)
    assert await free_ether(ports_of(Asset.ETH, mined, store)) == 37 * ETHER
    # And with the block before it there is what is there, and all that is promised with all of its gas.
    coming = EtherChain({0: (5, 100 * ETHER), 20: (6, 37 * ETHER)}, at=19)
    assert await free_ether(ports_of(Asset.ETH, coming, store)) == 38 * ETHER - 21_000 * 3 * GWEI


async def test_a_confirmed_batch_whose_block_is_gone_is_still_to_be_paid() -> None:
    store = keep(InMemory(), payout("p", 62 * ETHER), batch(5, BatchState.CONFIRMED, "p"))
    gone = EtherChain({0: (5, 100 * ETHER)}, at=20)
    assert await free_ether(ports_of(Asset.ETH, gone, store)) == 38 * ETHER - 21_000 * 3 * GWEI


async def level(ports: RailPorts[Any]) -> Level:
    free_minor = await free_ether(ports)
    return Level(
        id=Asset.ETH, address=HOT, free_minor=free_minor, queued_minor=0,
        floor_minor=5 * ETHER, ceiling_minor=10 * ETHER, at=NOW,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("final", "state", "stored"),
    [(3, None, None), (11, None, 3_500), (103, None, 95_500), (103, BatchState.CONFIRMED, 88_500)],
    ids=["none of it is final", "a part of it", "all of it", "less what was paid in no final block"],
)
async def test_a_surplus_is_of_what_stays_whatever_leaves_the_chain(
    final: int, state: BatchState | None, stored: int | None
) -> None:
    """A nonce that is given to coins which then are not there is never paid, and all payouts after it wait."""
    chain = EtherChain({0: (0, final * ETHER), 40: (1, 103 * ETHER)}, at=50)
    store = keep(InMemory(), payout("p", 7 * ETHER), batch(0, state, "p")) if state else InMemory()
    ports = ports_of(Asset.ETH, chain, store)
    made = await ether_surplus(ports, await level(ports))
    gas_minor = 21_000 * 2 * GWEI if state else 0
    assert (made and made.stored_minor) == (stored and stored * ETHER // 1_000 - gas_minor)


async def test_a_surplus_is_none_of_more_unmined_transactions_than_a_node_keeps() -> None:
    chain = EtherChain({0: (0, 100 * ETHER)}, at=50)
    store = keep(InMemory(), Rail(id=Asset.ETH), *(batch(nonce) for nonce in range(MOST_UNCONFIRMED - 1)))
    ports, rail = ports_of(Asset.ETH, chain, store), Rail(id=Asset.ETH, next_nonce=MOST_UNCONFIRMED - 1)
    found = await Ethereum().surplus(ports, TENURE, rail, await level(ports))
    assert found is not None and found.batch.nonce == MOST_UNCONFIRMED - 1
    keep(store, batch(MOST_UNCONFIRMED - 1))
    assert await Ethereum().surplus(ports, TENURE, rail, await level(ports)) is None


@dataclass
class CoinChain:
    """The coins that are there."""

    there: list[Utxo]

    async def utxos(self, address: str) -> list[Utxo]:
        return self.there


async def test_a_coin_that_a_raise_added_is_free_where_an_older_attempt_was_mined() -> None:
    """Or what was paid counts twice until it is settled."""
    first, spare, change = Utxo("aa", 0, 100, 5), Utxo("bb", 0, 70, 5), Utxo("cc", 1, 35, 20)
    fields = {"asset": Asset.BTC, "inputs": ("aa:0", "bb:0"), "inputs_minor": (100, 70), "change_minor": (98,)}
    store = keep(InMemory(), batch(None, BatchState.CONFIRMED, "p", **fields))
    older_mined = ports_of(Asset.BTC, CoinChain([spare, change]), store)
    assert await free_coins(older_mined) == 70 + 35
    unmined = ports_of(Asset.BTC, CoinChain([first, spare]), store)
    assert await free_coins(unmined) == 98
    # The node has the newest: its change counts already, since this wallet signed it.
    newest = Utxo("dd", 1, 98, None)
    pooled = ports_of(Asset.BTC, CoinChain([newest]), store, Signer(signed={"dd"}))
    assert await free_coins(pooled) == 98


class Counting(InMemory):
    """Says which documents were handed out."""

    def __init__(self) -> None:
        super().__init__()
        self.handed = 0

    async def find(self, *args: Any, **options: Any) -> Any:
        found = await super().find(*args, **options)
        self.handed += len(found)
        return found

    async def batches(self, *args: Any, **options: Any) -> Any:
        async for page in super().batches(*args, **options):
            self.handed += len(page)
            yield page


async def test_however_long_the_queue_the_level_is_one_sum() -> None:
    queued = [payout(f"q{number}", number, PayoutState.QUEUED) for number in range(1, 1_001)]
    store = keep(Counting(), *queued, payout("batched", 10**9))
    found = await watch_level(ports_of(Asset.ETH, EtherChain({0: (0, 9 * ETHER)}, at=50), store), TENURE)
    assert (found.queued_minor, store.handed) == (500_500, 0)


async def test_every_batch_of_a_block_that_is_gone_is_looked_after() -> None:
    """On Ethereum a block may have as many of the hot wallet as a node keeps, and a sweep from each of 32 addresses."""
    ended = {"height": 1, "block_hash": "0xgone", "sweep": True, "asset": Asset.ETH}
    batches = [batch(nonce, BatchState.SETTLED, **ended) for nonce in range(MOST_UNCONFIRMED + 32)]
    lease, rail = Lease(id=TENURE.lease, epoch=TENURE.epoch, holder="me"), Rail(id=Asset.ETH)
    store = keep(InMemory(), lease, rail, *batches)
    await watch_settled(ports_of(Asset.ETH, EtherChain({0: (0, 0)}, at=50), store), TENURE, Heights(1, 1))
    told = {key.id for key in store.documents if key.collection == JournalRecord.collection}
    missed = [b.id for b in batches if not any(f"reorganised_after_final:{b.id}" in str(key) for key in told)]
    assert missed == []
