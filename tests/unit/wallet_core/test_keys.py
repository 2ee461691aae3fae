"""The keys of a wallet: each process gets its own and no other's."""

import json
import stat
from pathlib import Path

import pytest
from pydantic import SecretStr

from wallet_core import keys
from wallet_core.adapters.seed_file import create_seed_file, open_seed_file, public_info
from wallet_core.adapters.vault import KeyFileVault
from wallet_core.bootstrap import public_keys

PASSPHRASE = SecretStr("correct horse")


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(keys, "create_seed_file", lambda path, phrase: create_seed_file(path, phrase, scrypt_n=2))
    folder = tmp_path / "keys"
    told = keys.new_keys(folder, PASSPHRASE)
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
        keys.new_keys(made, PASSPHRASE)
    assert {path: path.read_bytes() for path in made.rglob("*") if path.is_file()} == before


def test_two_wallets_share_no_key(made: Path, tmp_path: Path) -> None:
    keys.new_keys(tmp_path / "other", PASSPHRASE)
    for name in ("bot/vault.json", "bot/mac.key", "bot/public.json", "worker/seed.json"):
        assert (made / name).read_text() != (tmp_path / "other" / name).read_text()


def test_sealing_keys_are_kept_as_a_ring_with_room_for_the_next(made: Path) -> None:
    ring = json.loads((made / "bot" / "vault.json").read_text())
    assert isinstance(ring, dict)
    assert len(ring) == 1
