"""The contract's call and its events as bytes: what is ours, and what a receiver or a node could make up."""

from __future__ import annotations

from typing import Any

import pytest
from eth_abi.abi import encode
from eth_utils.crypto import keccak

from wallet_core.adapters.chains import multi_send
from wallet_core.domain.multi_send import (
    GAS_IN_ALL,
    MOST_GAS,
    MOST_PAYOUTS,
    MultiSend,
    Payment,
    Results,
    most_gas,
    most_payouts,
    name_in_chain,
)

CONTRACT, RECEIVER = "0x" + "C0" * 20, "0x" + "66" * 20
SEND = MultiSend(CONTRACT, "b", tuple(Payment(f"p{at}", RECEIVER, at + 1) for at in range(300)))


def event(payout: str, kind: str = "Paid", address: str = CONTRACT) -> dict[str, Any]:
    topics = [keccak(text=f"{kind}(bytes32,bytes32)"), *(bytes.fromhex(name_in_chain(id_)) for id_ in ("b", payout))]
    return {"address": address, "topics": topics}


def test_events_that_a_receiver_writes_under_its_own_address_count_for_nothing() -> None:
    logs = [event("p"), event("q", "Failed"), event("q", "Paid", RECEIVER), event("p", "Failed", RECEIVER)]
    found = multi_send.results(CONTRACT, "0xb", logs)
    assert found.failed_of(["p", "q"]) == ("q",)


@pytest.mark.parametrize("logs", [[], [event("p")], [event("p"), event("q"), event("q", "Failed")]])
def test_a_payout_without_one_event_of_its_own_makes_all_of_them_unclear(logs: list[dict[str, Any]]) -> None:
    with pytest.raises(ValueError):
        multi_send.results(CONTRACT, "0xb", logs).failed_of(["p", "q"])


def test_events_of_what_was_not_in_the_call_make_it_unclear() -> None:
    found = Results("0xb", frozenset(map(name_in_chain, "pqr")), frozenset())
    with pytest.raises(ValueError):
        found.failed_of(["p", "q"])


def test_what_a_simulation_returns_is_read_bit_by_bit_over_the_end_of_a_word() -> None:
    failing = {0, 255, 256, 299}
    words = [sum(1 << at % 256 for at in range(word * 256, (word + 1) * 256) if at not in failing) for word in (0, 1)]
    answer = encode(["uint256[]"], [words])
    assert multi_send.unpaid(SEND, answer) == ("p0", "p255", "p256", "p299")


@pytest.mark.parametrize("answer", [b"", b"\0" * 31, encode(["uint256[]"], [[1]])])
def test_what_is_no_answer_of_the_contract_is_no_verdict_about_anybody(answer: bytes) -> None:
    with pytest.raises(ValueError):
        multi_send.unpaid(SEND, answer)


def test_its_owner_stands_in_the_code_and_nowhere_else() -> None:
    one, other = (multi_send.runtime_code("0x" + digit * 40) for digit in "12")
    differing = {at for at, (left, right) in enumerate(zip(one, other, strict=True)) if left != right}
    assert differing == {at + byte for at in multi_send.artifact()["owner_at"] for byte in range(12, 32)}


def test_as_many_as_may_share_a_call_stay_below_what_a_transaction_may_use() -> None:
    assert most_gas(MOST_PAYOUTS) <= MOST_GAS < most_gas(MOST_PAYOUTS + 1)
    assert most_gas(0) == GAS_IN_ALL and MOST_GAS < 2**24


@pytest.mark.parametrize(
    ("ether_tenths", "gwei", "payouts"), [(9, 200, 62), (9, 60, MOST_PAYOUTS), (9, 9_000, 0), (90, 200, MOST_PAYOUTS)]
)
def test_as_many_share_a_call_as_it_may_offer_for_all_its_gas(ether_tenths: int, gwei: int, payouts: int) -> None:
    assert most_payouts(ether_tenths * 10**17, gwei * 10**9) == payouts
    assert (
        payouts in (0, MOST_PAYOUTS) or most_gas(payouts) * gwei <= ether_tenths * 10**8 < most_gas(payouts + 1) * gwei
    )
