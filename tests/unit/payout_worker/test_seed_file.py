"""The seed file: opens by its passphrase alone, is never written over, and gives nothing away."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from bip32 import BIP32
from eth_account import Account
from pydantic import SecretStr

from wallet_core.adapters.chains.ethereum_addresses import EthereumAddresses
from wallet_core.adapters.seed_file import ETHEREUM_HOT_PATH, create_seed_file, open_seed_file, public_info
from wallet_core.domain.errors import InvariantViolated

RIGHT, WRONG = SecretStr("right"), SecretStr("wrong")
FAST = 2**10


def test_it_opens_by_its_passphrase_alone(tmp_path: Path) -> None:
    public = create_seed_file(tmp_path / "seed.json", RIGHT, scrypt_n=FAST)
    seed = open_seed_file(tmp_path / "seed.json", RIGHT)
    assert len(seed) == 32
    assert public_info(seed) == public
    with pytest.raises(InvariantViolated):
        open_seed_file(tmp_path / "seed.json", WRONG)


def test_it_is_for_its_owner_and_shows_nothing(tmp_path: Path) -> None:
    path = tmp_path / "seed.json"
    create_seed_file(path, RIGHT, scrypt_n=FAST)
    assert path.stat().st_mode & 0o777 == 0o600
    assert open_seed_file(path, RIGHT).hex() not in path.read_text()


def test_a_seed_is_never_written_over(tmp_path: Path) -> None:
    create_seed_file(tmp_path / "seed.json", RIGHT, scrypt_n=FAST)
    with pytest.raises(FileExistsError):
        create_seed_file(tmp_path / "seed.json", RIGHT, scrypt_n=FAST)


@pytest.mark.parametrize("field", ["salt", "nonce", "sealed", "scrypt_n", "version"])
def test_a_changed_or_missing_field_is_noticed(tmp_path: Path, field: str) -> None:
    path = tmp_path / "seed.json"
    create_seed_file(path, RIGHT, scrypt_n=FAST)
    envelope = json.loads(path.read_text())
    old = envelope.pop(field)
    path.write_text(json.dumps(envelope))
    with pytest.raises(InvariantViolated):
        open_seed_file(path, RIGHT)
    changed = 2 * old if isinstance(old, int) else old[:-2] + ("00" if old[-2:] != "00" else "11")
    path.write_text(json.dumps({**envelope, field: changed}))
    with pytest.raises(InvariantViolated):
        open_seed_file(path, RIGHT)


def test_the_public_half_gives_the_addresses_of_the_keys(tmp_path: Path) -> None:
    seed = bytes(range(32))
    public = public_info(seed)
    hot = Account.from_key(BIP32.from_seed(seed).get_privkey_from_path(ETHEREUM_HOT_PATH)).address
    assert public["hot"]["ETH"] == hot
    derived = EthereumAddresses(public["deposits"]["ETH"], 1, frozenset()).deposit(3)
    key = BIP32.from_seed(seed).get_privkey_from_path("m/44'/60'/0'/0/3")
    assert derived == Account.from_key(key).address
