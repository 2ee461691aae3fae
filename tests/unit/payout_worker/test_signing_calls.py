"""The signer and calls of the contract: what it refuses, and when a payout of one may be signed for again."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from eth_account.typed_transactions import TypedTransaction
from hexbytes import HexBytes

from payout_worker.ports import NonceOrder
from payout_worker.signers.ethereum import EthereumSigner
from tests.unit.payout_worker.test_signing import GWEI, MOST_FOR_ALL, TO, Chain, _order, _signer
from wallet_core.adapters.chains import multi_send
from wallet_core.domain.errors import InvariantViolated
from wallet_core.domain.multi_send import MultiSend, Payment, most_gas

CONTRACT = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"
SEND = MultiSend(CONTRACT, "b", (Payment("p", TO, 5), Payment("q", "0x" + "66" * 20, 6)))


@pytest.fixture
def chain() -> Chain:
    return Chain(contract=CONTRACT)


@pytest.fixture
def signer(chain: Chain, tmp_path: Path) -> EthereumSigner:
    return _signer(chain, tmp_path)


def call(send: MultiSend = SEND, nonce: int = 0, **other: Any) -> NonceOrder:
    usual = {
        "payout": None,
        "to": send.contract,
        "value_minor": send.value_minor,
        "gas_limit": most_gas(len(send.payments)),
    }
    return _order(nonce=nonce, **{**usual, "many": send, **other})


LARGE = MultiSend(CONTRACT, "l", tuple(Payment(f"p{at}", TO, 5) for at in range(63)))


async def test_a_call_that_offers_more_for_all_its_gas_than_nodes_pass_on_is_refused(signer: EthereumSigner) -> None:
    """Geth's own cap is 1 ether (its option ``--rpc.txfeecap``)."""
    gas = most_gas(len(LARGE.payments))
    with pytest.raises(InvariantViolated, match="for all of its gas"):
        await signer.sign(call(LARGE, max_fee_minor=MOST_FOR_ALL // gas + 1))
    assert signer.signed_count() == 0
    await signer.sign(call(LARGE, max_fee_minor=MOST_FOR_ALL // gas))


async def test_it_makes_the_data_itself_and_notes_all_its_payouts(signer: EthereumSigner) -> None:
    signed = await signer.sign(call())
    transaction = TypedTransaction.from_bytes(HexBytes(signed.raw)).as_dict()
    assert HexBytes(transaction["to"]) == HexBytes(CONTRACT) and transaction["value"] == 11
    assert HexBytes(transaction["data"]) == multi_send.call_data(SEND)
    assert signer.signed_for(signed.txid) == ("p", "q")
    assert signer.contract_of(signed.txid) == CONTRACT
    for payout in ("p", "q"):
        with pytest.raises(InvariantViolated):
            await signer.check(payout)


async def test_a_raise_is_signed_and_every_other_change_is_refused(signer: EthereumSigner) -> None:
    await signer.sign(call())
    await signer.sign(call(max_fee_minor=4 * GWEI))
    dearer = replace(SEND, payments=(SEND.payments[0], replace(SEND.payments[1], value_minor=7)))
    elsewhere = replace(SEND, payments=(SEND.payments[0], replace(SEND.payments[1], address=TO)))
    fewer, renamed = replace(SEND, payments=SEND.payments[:1]), replace(SEND, batch="another")
    for other in (dearer, elsewhere, fewer, renamed):
        with pytest.raises(InvariantViolated):
            await signer.sign(call(other))
    with pytest.raises(InvariantViolated):
        await signer.sign(call(nonce=1))
    with pytest.raises(InvariantViolated):
        await signer.sign(_order("p", nonce=1))


@pytest.mark.parametrize(
    "order",
    [
        call(replace(SEND, contract=TO)),
        call(to=TO),
        call(replace(SEND, contract="nowhere")),
        call(value_minor=12),
        call(gas_limit=most_gas(2) + 1),
        call(max_fee_minor=201 * GWEI),
        call(payout="p"),
        call(index=3),
        call(replace(SEND, payments=())),
        call(replace(SEND, payments=(SEND.payments[0], SEND.payments[0]))),
        call(replace(SEND, payments=(replace(SEND.payments[0], value_minor=0), SEND.payments[1]))),
    ],
)
async def test_what_is_no_sound_call_of_our_contract_is_refused(signer: EthereumSigner, order: NonceOrder) -> None:
    with pytest.raises(InvariantViolated):
        await signer.sign(order)
    assert signer.signed_count() == 0


async def test_only_who_failed_by_a_final_event_may_be_signed_for_again(signer: EthereumSigner, chain: Chain) -> None:
    signed = await signer.sign(call())
    chain.include(signed.txid, 98, succeeded=True)
    with pytest.raises(InvariantViolated):
        await signer.check("q")
    chain.tell(signed.txid, paid=["p"], failed=["q"])
    await signer.check("q")
    with pytest.raises(InvariantViolated):
        await signer.check("p")
    await signer.sign(_order("q", nonce=1))
    with pytest.raises(InvariantViolated):
        await signer.sign(_order("p", nonce=2))


async def test_an_event_in_a_block_that_is_not_final_is_no_verdict(signer: EthereumSigner, chain: Chain) -> None:
    signed = await signer.sign(call())
    chain.include(signed.txid, 99, succeeded=True)
    chain.tell(signed.txid, paid=["p"], failed=["q"])
    with pytest.raises(InvariantViolated):
        await signer.check("q")


@pytest.mark.parametrize(("paid", "failed"), [([], ["q"]), (["p", "q"], ["q"]), (["p", "x"], ["q"])])
async def test_events_that_do_not_tell_of_each_payout_free_none(
    signer: EthereumSigner, chain: Chain, paid: list[str], failed: list[str]
) -> None:
    signed = await signer.sign(call())
    chain.include(signed.txid, 98, succeeded=True)
    chain.tell(signed.txid, paid, failed)
    with pytest.raises(InvariantViolated):
        await signer.check("q")


async def test_after_a_call_that_reverted_as_a_whole_all_may_be_signed_for_again(
    signer: EthereumSigner, chain: Chain
) -> None:
    signed = await signer.sign(call())
    chain.include(signed.txid, 98, succeeded=False)
    await signer.sign(call(replace(SEND, batch="another"), nonce=1))


async def test_the_record_survives_a_restart_with_the_contract(chain: Chain, tmp_path: Path) -> None:
    signed = await _signer(chain, tmp_path).sign(call())
    again = _signer(chain, tmp_path)
    chain.include(signed.txid, 98, succeeded=True)
    chain.tell(signed.txid, paid=["p"], failed=["q"])
    await again.check("q")
    with pytest.raises(InvariantViolated):
        await again.check("p")
