"""Bitcoin and Litecoin addresses: checks, deposit addresses, and payment addresses, all without a node."""

import pytest
from btclib import base58, bech32
from hypothesis import given, settings
from hypothesis import strategies as st

from wallet_core.adapters.chains.bitcoin_like_addresses import BitcoinLikeAddresses, address_of
from wallet_core.adapters.seed_file import deposits_path, hot_path, public_info
from wallet_core.domain.errors import Reason, Refused
from wallet_core.domain.money import Asset
from wallet_core.domain.network import NETWORKS, Network

#: Of BIP 84: the seed of "abandon abandon … about".
SEED = bytes.fromhex(
    "5eb00bbddcf069084889a8ab9155568165f5c453ccb85e70811aaed6f6da5fc1"
    "9a5ac40b389cd370d086206dec8aa6c43daea6690f20ad3d8d48b2d2ce9e38e4"
)


def on(asset: Asset, name: str = "main") -> BitcoinLikeAddresses:
    network = NETWORKS[asset, name]
    public = public_info(SEED, [network])
    return BitcoinLikeAddresses(public["deposits"][asset], network, frozenset({public["hot"][asset]}))


BITCOIN, LITECOIN = on(Asset.BTC), on(Asset.LTC)
TESTNET = on(Asset.BTC, "test")

#: Valid in BIP 173 and BIP 350, and of a kind that is in use.
SEGWIT = [
    (BITCOIN, "BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4"),
    (BITCOIN, "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0"),
    (TESTNET, "tb1qrp33g0q5c5txsp9arysrx4k6zdkfs4nce4xj0gdcccefvpysxf3q0sl5k7"),
    (TESTNET, "tb1qqqqqp399et2xygdj5xreqhjjvcmzhxw4aywxecjdzew6hylgvsesrxh6hy"),
    (TESTNET, "tb1pqqqqp399et2xygdj5xreqhjjvcmzhxw4aywxecjdzew6hylgvsesf3hn0c"),
]
#: Valid in BIP 350, but of a witness version or a length that means nothing yet: anybody could take the coins.
WITHOUT_MEANING = [
    "bc1pw508d6qejxtdg4y5r3zarvary0c5xw7kw508d6qejxtdg4y5r3zarvary0c5xw7kt5nd6y",
    "BC1SW50QGDZ25J",
    "bc1zw508d6qejxtdg4y5r3zarvaryvaxxpcs",
]
#: Invalid in BIP 350; the reason is ours.
INVALID = [
    (BITCOIN, "tc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vq5zuyut", Reason.BAD_ADDRESS),
    (BITCOIN, "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqh2y7hd", Reason.BAD_CHECKSUM),
    (TESTNET, "tb1z0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqglt7rf", Reason.BAD_CHECKSUM),
    (BITCOIN, "BC1S0XLXVLHEMJA6C4DQV22UAPCTQUPFHLXM9H8Z3K2E72Q4K9HCZ7VQ54WELL", Reason.BAD_CHECKSUM),
    (BITCOIN, "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kemeawh", Reason.BAD_CHECKSUM),
    (TESTNET, "tb1q0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vq24jc47", Reason.BAD_CHECKSUM),
    (BITCOIN, "bc1p38j9r5y49hruaue7wxjce0updqjuyyx0kh56v8s25huc6995vvpql3jow4", Reason.BAD_ADDRESS),
    (BITCOIN, "BC130XLXVLHEMJA6C4DQV22UAPCTQUPFHLXM9H8Z3K2E72Q4K9HCZ7VQ7ZWS8R", Reason.BAD_ADDRESS),
    (BITCOIN, "bc1pw5dgrnzv", Reason.BAD_ADDRESS),
    (
        BITCOIN,
        "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7v8n0nx0muaewav253zgeav",
        Reason.BAD_ADDRESS,
    ),
    (BITCOIN, "BC1QR508D6QEJXTDG4Y5R3ZARVARYV98GJ9P", Reason.BAD_ADDRESS),
    (TESTNET, "tb1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vq47Zagq", Reason.BAD_ADDRESS),
    (BITCOIN, "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7v07qwwzcrf", Reason.BAD_ADDRESS),
    (TESTNET, "tb1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vpggkg4j", Reason.BAD_ADDRESS),
    (BITCOIN, "bc1gmk9yu", Reason.BAD_ADDRESS),
]
OLDER = [
    (BITCOIN, "1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2"),
    (BITCOIN, "3J98t1WpEZ73CNmQviecrnyiWrnqRhWNLy"),
    (TESTNET, "mipcBbFg9gMiCh81Kj8tqqdgoZub1ZJRfn"),
    (TESTNET, "2MzQwSSnBHWHqSAqtTVQ6v47XtaisrJa1Vc"),
]


def reason(addresses: BitcoinLikeAddresses, text: str) -> Reason:
    with pytest.raises(Refused) as refused:
        addresses.check(text)
    return refused.value.reason


def older(version: int, hashed: bytes = bytes(range(20))) -> str:
    return base58.encode(bytes([version]) + hashed).decode()


@pytest.mark.parametrize(("addresses", "text"), SEGWIT)
def test_a_segwit_address_is_accepted_in_either_case_and_kept_in_the_lower(
    addresses: BitcoinLikeAddresses, text: str
) -> None:
    assert addresses.check(text.lower()) == addresses.check(text.upper()) == text.lower()


@pytest.mark.parametrize("text", WITHOUT_MEANING)
def test_coins_that_anybody_could_take_are_not_sent(text: str) -> None:
    assert reason(BITCOIN, text) is Reason.BAD_ADDRESS


@pytest.mark.parametrize(("addresses", "text", "why"), INVALID)
def test_an_invalid_segwit_address_is_refused(addresses: BitcoinLikeAddresses, text: str, why: Reason) -> None:
    assert reason(addresses, text) is why


@pytest.mark.parametrize(("addresses", "text"), OLDER)
def test_the_older_forms_are_accepted_as_they_stand(addresses: BitcoinLikeAddresses, text: str) -> None:
    assert addresses.check(text) == text


@pytest.mark.parametrize(("addresses", "text"), [*SEGWIT, *OLDER])
@settings(max_examples=40)
@given(data=st.data())
def test_one_wrong_character_is_noticed(addresses: BitcoinLikeAddresses, text: str, data: st.DataObject) -> None:
    segwit = "1" in text.lower()[2:4]
    alphabet = (
        "qpzry9x8gf2tvdw0s3jn54khce6mua7l" if segwit else "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
    )
    text = text.lower() if segwit else text
    place = data.draw(st.integers(4 if segwit else 1, len(text) - 1))
    letter = data.draw(st.sampled_from(alphabet).filter(lambda other: other != text[place]))
    assert reason(addresses, text[:place] + letter + text[place + 1 :]) in (Reason.BAD_CHECKSUM, Reason.BAD_ADDRESS)


@pytest.mark.parametrize("asset", [Asset.BTC, Asset.LTC])
@pytest.mark.parametrize("name", ["main", "test", "regtest"])
def test_an_address_of_another_network_or_coin_is_refused(asset: Asset, name: str) -> None:
    mine, here = NETWORKS[asset, name], on(asset, name)
    for other in NETWORKS.values():
        deposit = on(other.asset, other.name).deposit(0)
        if other == mine:
            assert here.check(deposit) == deposit
        else:
            assert reason(here, deposit) in (Reason.BAD_ADDRESS, Reason.BAD_CHECKSUM)
        for version in {other.p2pkh, other.p2sh} - {mine.p2pkh, mine.p2sh}:
            assert reason(here, older(version)) is Reason.BAD_ADDRESS


@pytest.mark.parametrize(
    "text",
    [
        "3J98t1WpEZ73CNmQviecrnyiWrnqRhWNLy",  # which could be Bitcoin's
        older(5),
        "ltcmweb1qqvhhefxpcdtzm9rs7vjwnrd6ru6dylp3cvaqpqkkakr0e9hxqd85zqjfj55q7yzgzp0zmd8jcg6kq6yv0ka9t8tc8yp5",
        bech32.encode("ltcmweb", [0] * 106).decode(),
        bech32.encode("ltc", [9, *[0] * 106]).decode(),  # the version that pegs in
        bech32.encode("ltc", [8, *[1] * 52]).decode(),
    ],
)
def test_litecoin_that_would_be_ambiguous_or_vanish_in_extension_blocks_is_refused(text: str) -> None:
    assert reason(LITECOIN, text) is Reason.BAD_ADDRESS


def test_litecoins_newer_script_addresses_are_accepted() -> None:
    assert older(50).startswith("M")
    assert LITECOIN.check(older(50)) == older(50)


@pytest.mark.parametrize("addresses", [BITCOIN, LITECOIN])
@pytest.mark.parametrize(
    "text",
    [
        *("", "1", "bc1", "bc1q", "ltc1", "0x52908400098527886E0F7030069857D2E4169EE7", "bitcoin:1BvBMSEYst"),
        *(" 1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2", "1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2\n", "1" * 10_000),
        *(
            "bc1" + "q" * 10_000,
            "ltc1" + "q" * 10_000,
            "bc1q٣" + "q" * 37,
            "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3tK",
        ),
        # U+212A, the sign for Kelvin, which becomes a plain "k" when it is lowered
        "BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7\u212aV8F3T4",
    ],
)
def test_what_is_no_address_is_refused(addresses: BitcoinLikeAddresses, text: str) -> None:
    assert reason(addresses, text) in (Reason.BAD_ADDRESS, Reason.BAD_CHECKSUM)


@pytest.mark.parametrize("text", [older(0, bytes(20)), bech32.encode("bc", [0] * 33).decode()])
def test_coins_for_a_hash_of_zeros_would_be_burned(text: str) -> None:
    assert reason(BITCOIN, text) is Reason.ZERO_ADDRESS


@pytest.mark.parametrize("asset", [Asset.BTC, Asset.LTC])
def test_the_hot_wallet_is_not_paid_by_itself(asset: Asset) -> None:
    hot = public_info(SEED, [NETWORKS[asset, "main"]])["hot"][asset]
    assert reason(on(asset), hot) is reason(on(asset), hot.upper()) is Reason.OWN_ADDRESS


# Deposit addresses


def test_deposit_addresses_are_those_of_bip_84() -> None:
    assert deposits_path(NETWORKS[Asset.BTC, "main"]) == "m/84'/0'/0'"
    assert BITCOIN.deposit(0) == "bc1qcr8te4kr609gcawutmrza0j4xv80jy8z306fyu"
    assert BITCOIN.deposit(1) == "bc1qnjg0jd8228aq7egyzacy8cys3knf9xvrerkf9g"


def test_litecoins_have_its_own_coin_type() -> None:
    # SLIP 44: 2
    assert deposits_path(NETWORKS[Asset.LTC, "main"]) == "m/84'/2'/0'"
    assert LITECOIN.deposit(0) == "ltc1qjmxnz78nmc8nq77wuxh25n2es7rzm5c2rkk4wh"


@pytest.mark.parametrize("network", NETWORKS.values(), ids=str)
def test_deposits_and_hot_wallet_lie_in_different_hardened_accounts(network: Network) -> None:
    deposits, hot = (path.split("/")[:4] for path in (deposits_path(network), hot_path(network)))
    assert deposits != hot
    assert all(step.endswith("'") for step in (*deposits[1:], *hot[1:]))


@settings(max_examples=30)
@given(indices=st.sets(st.integers(0, 2**31 - 1), min_size=2, max_size=5))
def test_no_two_invoices_share_an_address(indices: set[int]) -> None:
    assert len({LITECOIN.deposit(index) for index in indices}) == len(indices)


def test_an_address_is_the_hash_of_the_compressed_key() -> None:
    # The key of BIP 173's examples: the key 1, whose point is secp256k1's generator.
    generator = bytes.fromhex("0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798")
    assert address_of(generator, NETWORKS[Asset.BTC, "main"]) == "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4"


@pytest.mark.parametrize(
    ("addresses", "satoshi", "uri"),
    [
        (BITCOIN, 20_300_000, "bitcoin:ADDRESS?amount=0.203"),
        (BITCOIN, 1, "bitcoin:ADDRESS?amount=0.00000001"),
        (LITECOIN, 5_000_000_000, "litecoin:ADDRESS?amount=50"),
    ],
)
def test_a_wallet_app_reads_address_and_whole_coins(addresses: BitcoinLikeAddresses, satoshi: int, uri: str) -> None:
    # BIP 21
    assert addresses.payment_uri("ADDRESS", satoshi) == uri
