"""What an address stands for, by the vectors of BIP 173 and BIP 350 and by well-known addresses."""

from __future__ import annotations

import pytest

from wallet_core.adapters.chains.scripts import script_pubkey
from wallet_core.domain.errors import Reason, Refused
from wallet_core.domain.money import Asset
from wallet_core.domain.network import NETWORKS, Network

BTC, LTC = NETWORKS[Asset.BTC, "main"], NETWORKS[Asset.LTC, "main"]
TESTNET = NETWORKS[Asset.BTC, "test"]


@pytest.mark.parametrize(
    ("network", "address", "script"),
    [
        (BTC, "BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4", "0014751e76e8199196d454941c45d1b3a323f1433bd6"),
        (
            TESTNET,
            "tb1qrp33g0q5c5txsp9arysrx4k6zdkfs4nce4xj0gdcccefvpysxf3q0sl5k7",
            "00201863143c14c5166804bd19203356da136c985678cd4d27a1b8c6329604903262",
        ),
        (
            BTC,
            "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0",
            "512079be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798",
        ),
        (BTC, "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", "76a91462e907b15cbf27d5425399ebf6f0fb50ebb88f1888ac"),
        (BTC, "3P14159f73E4gFr7JterCCQh9QjiTjiZrG", "a914e9c3dd0c07aac76179ebc76a6c78d4d67c6c160a87"),
        (LTC, "LM2WMpR1Rp6j3Sa59cMXMs1SPzj9eXpGc1", "76a91413c60d8e68d7349f5b4ca362c3954b15045061b188ac"),
    ],
)
def test_an_address_stands_for_its_script(network: Network, address: str, script: str) -> None:
    assert script_pubkey(address, network).hex() == script


@pytest.mark.parametrize(
    "address",
    [
        # From the two BIPs: wrong checksums, and a checksum of the other BIP.
        "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t5",
        "BC1S0XLXVLHEMJA6C4DQV22UAPCTQUPFHLXM9H8Z3K2E72Q4K9HCZ7VQ54WELL",
        "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kemeawh",
        "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb",
    ],
)
def test_a_slip_of_the_pen_is_told(address: str) -> None:
    with pytest.raises(Refused) as refused:
        script_pubkey(address, BTC)
    assert refused.value.reason is Reason.BAD_CHECKSUM


@pytest.mark.parametrize(
    "address",
    [
        "",
        "bc1",
        "bc1gmk9yu",
        "bc1p38j9r5y49hruaue7wxjce0updqjuyyx0kh56v8s25huc6995vvpql3jow4",
        "x" * 10_000,
        "bc1" + "q" * 10_000,
        "Bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4",
        # Padding of too many bits, a program of a byte, and of version 0 with 16: from BIP 173 and BIP 350.
        "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7v07qwwzcrf",
        "bc1pw5dgrnzv",
        "BC1QR508D6QEJXTDG4Y5R3ZARVARYV98GJ9P",
        # Version 2, which nobody has given a meaning yet; and other networks.
        "bc1zw508d6qejxtdg4y5r3zarvaryvaxxpcs",
        "tb1qw508d6qejxtdg4y5r3zarvary0c5xw7kxpjzsx",
        "mipcBbFg9gMiCh81Kj8tqqdgoZub1ZJRfn",
        "LM2WMpR1Rp6j3Sa59cMXMs1SPzj9eXpGc1",
    ],
)
def test_what_is_no_address_here_is_refused(address: str) -> None:
    with pytest.raises(Refused) as refused:
        script_pubkey(address, BTC)
    assert refused.value.reason is Reason.BAD_ADDRESS
