"""A wallet of the node signs what it is told to sign, or nothing leaves the signer."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from btclib import var_bytes
from btclib.script.witness import Witness
from btclib.tx import OutPoint, Tx
from coincurve import PrivateKey

from payout_worker.signers.bitcoin_like import BitcoinLikeSigner
from payout_worker.signers.node_wallet import NodeWalletSigner
from tests.unit.payout_worker.coin_orders import (
    HOT,
    Chain,
    coin,
    opened,
    pay,
    signing,
)
from wallet_core.domain.errors import InvariantViolated

CURVE_ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141


@pytest.fixture
def chain() -> Chain:
    return Chain()


@pytest.fixture
def signer(chain: Chain, tmp_path: Path) -> BitcoinLikeSigner:
    return opened(chain, tmp_path)


@dataclass
class Wallet:
    """A wallet with the hot wallet's key, which answers something made of what the seed's signer signs."""

    answer: Callable[[], str]
    complete: bool = True
    asked: list[str] = field(default_factory=list)

    async def process_psbt(self, psbt: str) -> tuple[str, bool]:
        self.asked.append(psbt)
        return self.answer(), self.complete


def returned(raw: bytes, *, partial: bool = False, change: Callable[[Tx], None] = lambda _: None) -> str:
    """A PSBT with the witnesses of a signed transaction, or with its signatures alone."""
    tx = Tx.parse(raw)
    change(tx)
    inputs = b"".join(_input(tx_in.script_witness, partial=partial) for tx_in in tx.vin)
    unsigned = var_bytes.serialize(tx.serialize(include_witness=False))
    whole = b"psbt\xff" + b"\x01\x00" + unsigned + b"\x00" + inputs + bytes(len(tx.vout))
    return base64.b64encode(whole).decode()


def _input(witness: Witness, *, partial: bool) -> bytes:
    if not partial:
        return b"\x01\x08" + var_bytes.serialize(witness.serialize()) + b"\x00"
    signature, key = witness.stack
    return var_bytes.serialize(b"\x02" + key) + var_bytes.serialize(signature) + b"\x00"


def witnessed(change: Callable[[bytes, bytes], tuple[bytes, ...]]) -> Callable[[Tx], None]:
    """Changes the last input's witness."""

    def apply(tx: Tx) -> None:
        tx.vin[-1].script_witness = Witness(change(*tx.vin[-1].script_witness.stack))

    return apply


def high_s(signature: bytes) -> bytes:
    """The other signature of the same (BIP 62): valid for consensus, passed on by nobody."""
    length = signature[3]
    r, s = signature[4 : 4 + length], int.from_bytes(signature[6 + length : -1])
    other = (CURVE_ORDER - s).to_bytes(33)
    body = b"\x02" + bytes([len(r)]) + r + b"\x02" + bytes([len(other)]) + other
    return b"\x30" + bytes([len(body)]) + body + signature[-1:]


def by_wallet(chain: Chain, folder: Path, wallet: Wallet) -> NodeWalletSigner:
    return NodeWalletSigner(wallet, HOT, signing(chain, folder))


ORDER = pay("p", coins=[coin(1), coin(2)])


@pytest.mark.parametrize("partial", [False, True], ids=["finished", "to be finished"])
async def test_a_wallet_of_the_node_signs_the_same(
    chain: Chain, signer: BitcoinLikeSigner, tmp_path: Path, partial: bool
) -> None:
    expected = await signer.sign(ORDER)
    wallet = Wallet(lambda: returned(expected.raw, partial=partial))
    assert await by_wallet(chain, tmp_path / "other", wallet).sign(ORDER) == expected
    assert len(wallet.asked) == 1


@pytest.mark.parametrize(
    "change",
    [
        lambda tx: setattr(tx, "lock_time", 1),
        lambda tx: setattr(tx.vin[0], "sequence", 0xFFFFFFFF),
        lambda tx: tx.vout.reverse(),
        lambda tx: setattr(tx.vin[0], "prev_out", OutPoint("ff" * 32, 0)),
        witnessed(lambda signature, key: ()),
        witnessed(lambda signature, key: (b"", key)),
        witnessed(lambda signature, key: (signature, key, b"")),
        witnessed(lambda signature, key: (signature[:-1] + b"\x82", key)),
        witnessed(lambda signature, key: (signature[:20] + bytes([signature[20] ^ 1]) + signature[21:], key)),
        witnessed(lambda signature, key: (b"\x01", key)),
        witnessed(lambda signature, key: (high_s(signature), key)),
        witnessed(lambda signature, key: (signature, PrivateKey.from_int(7).public_key.format())),
    ],
    ids=[
        "locked",
        "not replaceable",
        "outputs in another order",
        "another coin",
        "unsigned",
        "no signature",
        "a third item",
        "anybody may add outputs",
        "a wrong bit",
        "no signature but its type",
        "a high S",
        "another key",
    ],
)
async def test_whatever_else_a_wallet_returns_is_refused(
    chain: Chain, signer: BitcoinLikeSigner, tmp_path: Path, change: Callable[[Tx], None]
) -> None:
    honest = await signer.sign(ORDER)
    with pytest.raises(InvariantViolated):
        await by_wallet(chain, tmp_path / "other", Wallet(lambda: returned(honest.raw, change=change))).sign(ORDER)


@pytest.mark.parametrize("answer", ["", "cHNidP8=", "no base 64", "cHNidP8BAAAA", "////"])
async def test_a_damaged_answer_is_refused(chain: Chain, tmp_path: Path, answer: str) -> None:
    with pytest.raises(InvariantViolated):
        await by_wallet(chain, tmp_path, Wallet(lambda: answer)).sign(ORDER)


async def test_what_the_wallet_has_not_all_keys_for_is_refused(
    chain: Chain, signer: BitcoinLikeSigner, tmp_path: Path
) -> None:
    honest = await signer.sign(ORDER)
    wallet = Wallet(lambda: returned(honest.raw), complete=False)
    with pytest.raises(InvariantViolated):
        await by_wallet(chain, tmp_path / "other", wallet).sign(ORDER)


async def test_the_wallet_is_not_even_asked_for_a_second_meaning(chain: Chain, tmp_path: Path) -> None:
    wallet = Wallet(lambda: "")
    for order in (ORDER, pay("p", coins=[coin(3)])):
        with pytest.raises(InvariantViolated):
            await by_wallet(chain, tmp_path, wallet).sign(order)
    assert len(wallet.asked) == 1
