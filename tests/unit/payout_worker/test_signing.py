"""The signer: one meaning for a payout, one payout for a nonce, whatever the database says."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import pytest
from eth_account import Account
from eth_account.typed_transactions import TypedTransaction
from hexbytes import HexBytes

from payout_worker.ports import CoinOrder, NonceNode, NonceOrder, taken_nonce
from payout_worker.signers.ethereum import EthereumSigner
from payout_worker.signers.record import RECORD_FILE, Entry, SigningRecord
from wallet_core.adapters.seed_file import public_info
from wallet_core.domain.chain import Heights, Inclusion
from wallet_core.domain.errors import InvariantViolated, Unavailable
from wallet_core.domain.multi_send import Results, name_in_chain

SEED = bytes(range(32))
TO = "0x52908400098527886E0F7030069857D2E4169EE7"
GWEI = 10**9
MOST_FOR_ALL = 9 * 10**17


@dataclass
class Chain:
    """What a node would say: which transactions are in which block, and whether they succeeded."""

    latest: int = 100
    included: dict[str, Inclusion] = field(default_factory=dict)
    #: Where our contract is, and what its events in a transaction tell.
    contract: str = ""
    events: dict[str, Results] = field(default_factory=dict)

    async def heights(self) -> Heights:
        return Heights(self.latest, self.latest)

    async def inclusion(self, txid: str) -> Inclusion | None:
        return self.included.get(txid)

    async def has_multi_send(self, address: str, owner: str, height: int) -> bool:
        return address == self.contract and height == self.latest - 2

    async def results(self, txid: str, contract: str) -> Results | None:
        return self.events.get(txid) if contract == self.contract else None

    def tell(self, txid: str, paid: Sequence[str], failed: Sequence[str]) -> None:
        """The contract's events for these payouts."""
        names = [frozenset(map(name_in_chain, payouts)) for payouts in (paid, failed)]
        self.events[txid] = Results("0xb", *names)

    def include(self, txid: str, height: int, *, succeeded: bool) -> None:
        self.included[txid] = Inclusion(txid, height, "0xb", succeeded, 1)


@pytest.fixture
def chain() -> Chain:
    return Chain()


@pytest.fixture
def signer(chain: Chain, tmp_path: Path) -> EthereumSigner:
    return _signer(chain, tmp_path)


def _signer(chain: Chain, folder: Path) -> EthereumSigner:
    kept: dict[str, Any] = {"folder": folder, "node": cast(NonceNode, chain), "final_depth": 2}
    return EthereumSigner(SEED, chain_id=31337, max_fee_minor=200 * GWEI, max_batch_fee_minor=MOST_FOR_ALL, **kept)


def _order(payout: str | None = "p", nonce: int = 0, **other: Any) -> NonceOrder:
    usual = {"to": TO, "value_minor": 5, "gas_limit": 21_000, "max_fee_minor": 3 * GWEI, "tip_minor": GWEI}
    return NonceOrder(payout=payout, nonce=nonce, **{**usual, **other})


async def test_it_signs_exactly_what_was_ordered(signer: EthereumSigner) -> None:
    signed = await signer.sign(_order(nonce=7))
    transaction = TypedTransaction.from_bytes(HexBytes(signed.raw)).as_dict()
    assert (transaction["nonce"], transaction["value"], transaction["chainId"]) == (7, 5, 31337)
    assert HexBytes(transaction["to"]) == HexBytes(TO)
    assert (transaction["gas"], transaction["maxFeePerGas"]) == (21_000, 3 * GWEI)
    assert Account.recover_transaction(signed.raw) == signer.address == public_info(SEED)["hot"]["ETH"]


async def test_the_same_meaning_may_be_signed_again_at_another_fee(signer: EthereumSigner) -> None:
    first, second = await signer.sign(_order()), await signer.sign(_order(max_fee_minor=4 * GWEI))
    assert first.txid != second.txid


@pytest.mark.parametrize("other", [{"nonce": 1}, {"value_minor": 6}, {"to": "0x" + "66" * 20}])
async def test_a_second_meaning_is_refused_also_after_a_restart(
    chain: Chain, tmp_path: Path, other: dict[str, Any]
) -> None:
    await _signer(chain, tmp_path).sign(_order())
    with pytest.raises(InvariantViolated):
        await _signer(chain, tmp_path).sign(_order(**other))


async def test_a_nonce_serves_one_payout(signer: EthereumSigner) -> None:
    await signer.sign(_order("p"))
    with pytest.raises(InvariantViolated):
        await signer.sign(_order("q"))


@pytest.mark.parametrize(
    ("height", "succeeded", "dead"), [(98, False, True), (99, False, False), (98, True, False), (99, True, False)]
)
async def test_another_nonce_is_right_only_after_a_final_revert(
    signer: EthereumSigner, chain: Chain, height: int, succeeded: bool, dead: bool
) -> None:
    signed = await signer.sign(_order())
    chain.include(signed.txid, height, succeeded=succeeded)
    if dead:
        await signer.check("p")
        await signer.sign(_order(nonce=1))
        return
    for attempt in (signer.check("p"), signer.sign(_order(nonce=1))):
        with pytest.raises(InvariantViolated):
            await attempt


async def test_another_nonce_is_right_after_a_no_op_finally_took_the_first(
    signer: EthereumSigner, chain: Chain
) -> None:
    await signer.sign(_order())
    filled = await signer.sign(_order(None, to=signer.address, value_minor=0))
    with pytest.raises(InvariantViolated):
        await signer.check("p")
    chain.include(filled.txid, 98, succeeded=True)
    await signer.sign(_order(nonce=1))


@pytest.mark.parametrize(
    "order",
    [
        _order(gas_limit=100_001),
        _order(max_fee_minor=201 * GWEI),
        _order(None),
        _order(None, value_minor=0),
    ],
    ids=["gas", "fee", "a no-op with value", "a no-op to somebody else"],
)
async def test_what_exceeds_its_own_ceilings_is_refused(signer: EthereumSigner, order: NonceOrder) -> None:
    with pytest.raises(InvariantViolated):
        await signer.sign(order)


async def test_nothing_is_signed_when_the_record_cannot_be_kept(signer: EthereumSigner, tmp_path: Path) -> None:
    (tmp_path / RECORD_FILE).unlink()
    (tmp_path / RECORD_FILE).mkdir()
    with pytest.raises(Unavailable):
        await signer.sign(_order())
    await signer.check("p")


def _entry(payout: str | None, nonce: int) -> Entry:
    return Entry((payout,) if payout else (), "0xs", (taken_nonce(nonce),), "d", f"0x{nonce}")


def test_a_torn_last_line_is_cut_off_and_nothing_runs_into_it(tmp_path: Path) -> None:
    path = tmp_path / RECORD_FILE
    record = SigningRecord(path)
    record.add(_entry("p", 1))
    whole = path.read_bytes()
    for length in range(len(whole)):
        path.write_bytes(whole + whole[:length])
        again = SigningRecord(path)
        again.add(_entry("q", 2))
        assert [e.takes for e in SigningRecord(path).of_payout("q")] == [("nonce:2",)]
        assert [e.takes for e in again.of_payout("p")] == [("nonce:1",)]


@pytest.mark.parametrize(
    "line", ['{"payout": "p", "nonce"', "[]", "7", '{"payouts":["p"]}', '{"payout": "p", "nonce": 1}']
)
def test_a_record_that_is_damaged_in_the_middle_signs_nothing(tmp_path: Path, line: str) -> None:
    path = tmp_path / RECORD_FILE
    path.write_text(line + "\n")
    with pytest.raises(InvariantViolated):
        SigningRecord(path)


async def test_what_was_written_while_there_was_ethereum_alone_still_binds(chain: Chain, tmp_path: Path) -> None:
    first = await _signer(chain, tmp_path).sign(_order(nonce=5))
    written = json.loads((tmp_path / RECORD_FILE).read_text())
    older = {"payout": "p", "sender": written["sender"], "nonce": 5, "digest": written["digest"], "txid": first.txid}
    no_op = {**older, "payout": None, "nonce": 6, "txid": "0x6"}
    (tmp_path / RECORD_FILE).write_text(f"{json.dumps(older)}\n{json.dumps(no_op)}\n")
    signer = _signer(chain, tmp_path)
    await signer.sign(_order(nonce=5, max_fee_minor=4 * GWEI))
    for other in (_order(nonce=6), _order("q", nonce=5)):
        with pytest.raises(InvariantViolated):
            await signer.sign(other)
    await signer.sign(_order("q", nonce=6))


async def test_what_another_record_has_binds_after_it_was_learned(chain: Chain, tmp_path: Path) -> None:
    other, signer = _signer(chain, tmp_path / "other"), _signer(chain, tmp_path)
    paid, no_op = (
        await other.sign(_order(nonce=5)),
        await other.sign(_order(None, nonce=6, to=other.address, value_minor=0)),
    )
    stranger = Entry(("p",), "0xs", (taken_nonce(5),), "d", "0x5").line
    names = [paid.txid, no_op.txid, taken_nonce(5), taken_nonce(7)]
    assert (signer.unknown(names), signer.signed_for(paid.txid)) == (names, None)
    entries = [paid.entry, no_op.entry, paid.entry, stranger]
    assert [signer.learn(entries), signer.learn(entries), signer.signed_count()] == [2, 0, 2]
    for reader in (signer, _signer(chain, tmp_path)):
        assert (reader.signed_for(paid.txid), reader.signed_for(no_op.txid)) == (("p",), ())
        assert reader.unknown(names) == [taken_nonce(7)]
        with pytest.raises(InvariantViolated):
            await reader.check("p")
    assert (tmp_path / RECORD_FILE).read_bytes() == (tmp_path / "other" / RECORD_FILE).read_bytes()


@pytest.mark.parametrize("entry", ["", "{}", "[]", "7"])
def test_what_is_no_entry_is_not_learned(signer: EthereumSigner, entry: str) -> None:
    with pytest.raises(InvariantViolated):
        signer.learn([entry])
    assert signer.signed_count() == 0


async def test_the_digest_of_a_meaning_never_changes(chain: Chain, tmp_path: Path) -> None:
    """Or a payout that was signed by an earlier release would have a second meaning."""
    await _signer(chain, tmp_path).sign(_order())
    (entry,) = SigningRecord(tmp_path / RECORD_FILE).of_payout("p")
    assert entry.digest == hashlib.sha256(f"[31337, '{TO}', 5, '']".encode()).hexdigest()


async def test_an_order_of_coins_is_not_for_this_signer(signer: EthereumSigner) -> None:
    with pytest.raises(InvariantViolated):
        await signer.sign(CoinOrder((), ()))
