"""Ethereum addresses: checksums, deposit addresses, and payment addresses, all without a node."""

import pytest
from eth_account import Account
from eth_account.hdaccount import key_from_seed
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.wallet_core.world import ADDRESS, ETH, SEED
from wallet_core.adapters.chains.ethereum_addresses import EthereumAddresses, address_of
from wallet_core.adapters.seed_file import ETHEREUM_DEPOSITS_PATH, ETHEREUM_HOT_PATH, public_info
from wallet_core.domain.errors import Reason, Refused

PUBLIC = public_info(SEED)
HOT = PUBLIC["hot"]["ETH"]
ADDRESSES = EthereumAddresses(PUBLIC["deposits"]["ETH"], 31337, frozenset({HOT}))

#: The examples of EIP-55.
EIP_55 = [
    "0x52908400098527886E0F7030069857D2E4169EE7",
    "0x8617E340B3D01FA5F11F306F4090FD50E238070D",
    "0xde709f2102306220921060314715629080e2fb77",
    "0x27b1fdb04752bbc536007a920d24acb045561c26",
    "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
    "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",
    "0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB",
    "0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb",
]


def reason(text: str) -> Reason:
    with pytest.raises(Refused) as refused:
        ADDRESSES.check(text)
    return refused.value.reason


@pytest.mark.parametrize("text", EIP_55)
def test_a_right_checksum_is_accepted_as_it_stands(text: str) -> None:
    assert ADDRESSES.check(text) == text


@pytest.mark.parametrize("text", EIP_55)
def test_an_address_in_one_case_has_no_checksum_and_gets_one(text: str) -> None:
    assert ADDRESSES.check(text.lower()) == ADDRESSES.check("0x" + text[2:].upper()) == text


@pytest.mark.parametrize("text", EIP_55[4:])
def test_one_letter_in_the_wrong_case_is_refused(text: str) -> None:
    for position, letter in enumerate(text[2:], start=2):
        if letter.isalpha():
            wrong = text[:position] + letter.swapcase() + text[position + 1 :]
            assert reason(wrong) is Reason.BAD_CHECKSUM


@pytest.mark.parametrize(
    "text",
    [
        *("", "0x", ADDRESS[:-1], ADDRESS + "0", ADDRESS[2:], "0X" + ADDRESS[2:], f" {ADDRESS}", f"{ADDRESS}\n"),
        *(ADDRESS.replace("a", "g"), ADDRESS[:-1] + "٣", "vitalik.eth", f"ethereum:{ADDRESS}", "0x" + "a" * 10_000),
        *("1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2", "LcHKDYm5mTuqdS3vr1RHnFhQYx4vgn8JYK"),
    ],
)
def test_what_is_no_ethereum_address_is_refused(text: str) -> None:
    assert reason(text) is Reason.BAD_ADDRESS


def test_coins_for_the_zero_address_would_be_burned() -> None:
    assert reason("0x" + "0" * 40) is Reason.ZERO_ADDRESS


@pytest.mark.parametrize("text", [HOT, HOT.lower()])
def test_the_hot_wallet_is_not_paid_by_itself(text: str) -> None:
    assert reason(text) is Reason.OWN_ADDRESS


# Deposit addresses


def derived(path: str) -> str:
    """eth_account's own derivation, from the seed's private side."""
    return str(Account.from_key(key_from_seed(SEED, path)).address)


@pytest.mark.parametrize("index", [0, 1, 2, 999, 2**31 - 1])
def test_deposit_addresses_are_those_whose_keys_the_seed_gives(index: int) -> None:
    assert ADDRESSES.deposit(index) == derived(f"{ETHEREUM_DEPOSITS_PATH}/0/{index}")


def test_the_hot_wallet_is_the_one_whose_key_the_seed_gives() -> None:
    assert derived(ETHEREUM_HOT_PATH) == HOT


def test_deposits_and_hot_wallet_lie_in_different_hardened_accounts() -> None:
    deposits, hot = (path.split("/")[:4] for path in (ETHEREUM_DEPOSITS_PATH, ETHEREUM_HOT_PATH))
    assert deposits != hot
    assert all(step.endswith("'") for step in (*deposits[1:], *hot[1:]))


@settings(max_examples=30)
@given(indices=st.sets(st.integers(0, 2**31 - 1), min_size=2, max_size=5))
def test_no_two_invoices_share_an_address(indices: set[int]) -> None:
    assert len({ADDRESSES.deposit(index) for index in indices}) == len(indices)
    assert all(ADDRESSES.deposit(index) == ADDRESSES.deposit(index) for index in indices)


def test_an_address_is_the_last_twenty_bytes_of_the_keys_hash() -> None:
    # The key 1: its point is secp256k1's generator, its address is known from many a test net.
    generator = bytes.fromhex("0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798")
    assert address_of(generator) == "0x7E5F4552091A69125d5DfCb7b8C2659029395Bdf"


def test_a_wallet_app_reads_address_chain_and_wei() -> None:
    # EIP-681: ethereum:<address>@<chain id>?value=<wei>
    assert ADDRESSES.payment_uri(ADDRESS, ETH // 2) == f"ethereum:{ADDRESS}@31337?value=500000000000000000"
