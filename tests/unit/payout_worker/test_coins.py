"""What an output at an address takes, before anything is signed."""

from __future__ import annotations

import pytest

from payout_worker.families.coins import bytes_at
from wallet_core.adapters.chains.scripts import script_pubkey
from wallet_core.domain.money import Asset
from wallet_core.domain.network import NETWORKS
from wallet_core.domain.transaction_size import output_bytes


@pytest.mark.parametrize(
    "address",
    [
        "1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2",
        "3J98t1WpEZ73CNmQviecrnyiWrnqRhWNLy",
        "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4",
        "bc1qrp33g0q5c5txsp9arysrx4k6zdkfs4nce4xj0gdcccefvpysxf3qccfmv3",
        "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0",
    ],
    ids=["P2PKH", "P2SH", "P2WPKH", "P2WSH", "P2TR"],
)
def test_an_output_is_as_large_as_its_script_makes_it(address: str) -> None:
    """Or the signer would refuse a fee that was reckoned for more bytes."""
    network = NETWORKS[Asset.BTC, "main"]
    assert bytes_at(address, network) == output_bytes(script_pubkey(address, network))
