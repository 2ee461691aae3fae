"""The keys of a wallet: each process gets its own and no other's."""

import json
import stat
from pathlib import Path

import pytest
from pydantic import SecretStr

from wallet_core import keys
from wallet_core.adapters.seed_file import REGTEST, create_seed_file, open_seed_file, public_info
from wallet_core.adapters.vault import KeyFileVault
from wallet_core.bootstrap import _addresses, hot_address, public_keys
from wallet_core.domain.errors import InvariantViolated, Reason, Refused
from wallet_core.domain.money import Asset
from wallet_core.domain.network import NETWORKS
from wallet_core.settings import BitcoinLikeSettings, Settings

PASSPHRASE = SecretStr("correct horse")


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(keys, "create_seed_file", lambda *given: create_seed_file(*given, scrypt_n=2))
    folder = tmp_path / "keys"
    told = keys.new_keys(folder, PASSPHRASE, REGTEST)
    assert {Path(path) for path in told} == {path for path in folder.rglob("*") if path.is_file()}
    return folder


def test_the_bot_cannot_sign_and_the_worker_cannot_open_peoples_secrets(made: Path) -> None:
    assert {path.name for path in (made / "bot").iterdir()} == {"vault.json", "mac.key", "public.json"}
    assert {path.name for path in (made / "worker").iterdir()} == {"seed.json", "mac.key", "public.json"}


def test_the_worker_recognises_what_the_bot_has_sealed(made: Path) -> None:
    bot, worker = KeyFileVault.of_folder(made / "bot"), KeyFileVault.of_folder(made / "worker")
    assert worker.mac_fits(b"terms", bot.mac(b"terms"))


def test_both_know_the_same_public_half_and_it_is_the_seeds(made: Path) -> None:
    seed = open_seed_file(made / "worker" / "seed.json", PASSPHRASE)
    assert public_keys(made / "bot") == public_keys(made / "worker") == public_info(seed)


def test_nobody_but_the_owner_reads_a_key(made: Path) -> None:
    for path in made.rglob("*"):
        assert stat.S_IMODE(path.stat().st_mode) == (0o600 if path.is_file() else 0o700)


def test_no_key_is_ever_written_over(made: Path) -> None:
    before = {path: path.read_bytes() for path in made.rglob("*") if path.is_file()}
    with pytest.raises(FileExistsError):
        keys.new_keys(made, PASSPHRASE, REGTEST)
    assert {path: path.read_bytes() for path in made.rglob("*") if path.is_file()} == before


def test_two_wallets_share_no_key(made: Path, tmp_path: Path) -> None:
    keys.new_keys(tmp_path / "other", PASSPHRASE, REGTEST)
    for name in ("bot/vault.json", "bot/mac.key", "bot/public.json", "worker/seed.json"):
        assert (made / name).read_text() != (tmp_path / "other" / name).read_text()


def test_sealing_keys_are_kept_as_a_ring_with_room_for_the_next(made: Path) -> None:
    ring = json.loads((made / "bot" / "vault.json").read_text())
    assert isinstance(ring, dict)
    assert len(ring) == 1


# The public half


def test_the_public_half_is_made_anew_for_other_networks_from_the_same_seed(made: Path) -> None:
    main = [NETWORKS[Asset.BTC, "main"], NETWORKS[Asset.LTC, "main"]]
    anew = keys.public_half(made / "worker" / "seed.json", PASSPHRASE, main)
    before = public_keys(made / "worker")
    assert anew["hot"]["ETH"] == before["hot"]["ETH"]
    assert anew["hot"]["BTC"].startswith("bc1q") and before["hot"]["BTC"].startswith("bcrt1q")
    with pytest.raises(InvariantViolated, match="SEED_PASSPHRASE"):
        keys.public_half(made / "worker" / "seed.json", SecretStr("wrong"), main)


def test_each_chain_gives_addresses_of_its_own_and_refuses_its_own_hot_wallet(made: Path) -> None:
    public = public_keys(made / "bot")
    addresses = _addresses(Settings(), public)
    assert [addresses[asset].deposit(0)[:5] for asset in (Asset.BTC, Asset.LTC)] == ["bcrt1", "rltc1"]
    for asset in (Asset.ETH, Asset.BTC, Asset.LTC):
        with pytest.raises(Refused) as refused:
            addresses[asset].check(public["hot"][asset])
        assert refused.value.reason is Reason.OWN_ADDRESS


def only_ether(public: dict[str, dict[str, str]]) -> dict[str, dict[str, str]]:
    return {part: {"ETH": chains["ETH"]} for part, chains in public.items()}


async def test_a_key_folder_from_before_bitcoin_goes_on_with_ether_alone(made: Path) -> None:
    old = only_ether(dict(public_keys(made / "bot")))
    assert _addresses(Settings(), old).keys() == {Asset.ETH}
    (made / "worker" / "public.json").write_text(json.dumps(old))
    settings = Settings(wallet_keys_dir=made / "worker")
    assert await hot_address(settings, Asset.ETH) == old["hot"]["ETH"]
    with pytest.raises(InvariantViolated, match="wallet keys public"):
        await hot_address(settings, Asset.BTC)


def test_keys_of_another_network_than_the_settings_are_never_used(made: Path) -> None:
    settings = Settings(btc=BitcoinLikeSettings(network="main"))
    with pytest.raises(InvariantViolated, match="BTC_NETWORK=main"):
        _addresses(settings, public_keys(made / "bot"))
