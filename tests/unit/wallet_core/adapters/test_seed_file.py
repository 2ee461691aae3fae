"""The seed file: encrypted, never written over, opened by its passphrase alone."""

import json
import stat
from pathlib import Path

import pytest
from pydantic import SecretStr

from wallet_core.adapters import seed_file
from wallet_core.adapters.seed_file import SEED_FILE, create_seed_file, open_seed_file, public_info
from wallet_core.domain.errors import InvariantViolated
from wallet_core.domain.money import Asset
from wallet_core.domain.network import NETWORKS

PASSPHRASE = SecretStr("correct horse")
#: As small as scrypt allows, so that the tests do not spend a second on each opening.
FAST = 2


@pytest.fixture
def path(tmp_path: Path) -> Path:
    made = tmp_path / "worker" / SEED_FILE
    create_seed_file(made, PASSPHRASE, scrypt_n=FAST)
    return made


def change(path: Path, **fields: object) -> None:
    path.write_text(json.dumps({**json.loads(path.read_text()), **fields}))


def test_the_seed_opens_with_its_passphrase_and_gives_the_public_half_that_was_told(tmp_path: Path) -> None:
    told = create_seed_file(tmp_path / SEED_FILE, PASSPHRASE, scrypt_n=FAST)
    seed = open_seed_file(tmp_path / SEED_FILE, PASSPHRASE)
    assert len(seed) == 32
    assert public_info(seed) == told


def test_another_passphrase_opens_nothing(path: Path) -> None:
    with pytest.raises(InvariantViolated, match="SEED_PASSPHRASE"):
        open_seed_file(path, SecretStr("correct horse "))


def test_a_seed_is_never_written_over(path: Path) -> None:
    before = path.read_bytes()
    with pytest.raises(FileExistsError):
        create_seed_file(path, PASSPHRASE, scrypt_n=FAST)
    assert path.read_bytes() == before


def test_only_its_owner_reads_the_file_and_the_seed_is_not_in_it(path: Path) -> None:
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    seed = open_seed_file(path, PASSPHRASE)
    assert seed.hex() not in path.read_text()


def test_every_wallet_has_a_seed_of_its_own(tmp_path: Path) -> None:
    one, other = (create_seed_file(tmp_path / name, PASSPHRASE, scrypt_n=FAST) for name in ("one", "other"))
    assert one != other


@pytest.mark.parametrize(
    "fields",
    [
        {"sealed": "00" * 48},
        {"sealed": ""},
        {"sealed": "no hex"},
        {"nonce": "00" * 12},
        {"nonce": ""},
        {"salt": "00" * 16},
        {"version": 2},
        {"scrypt_n": 4},
        {"scrypt_n": "many"},
        {"scrypt_n": 3},
        {"salt": None},
    ],
)
def test_a_changed_file_is_noticed(path: Path, fields: dict[str, object]) -> None:
    change(path, **fields)
    with pytest.raises(InvariantViolated):
        open_seed_file(path, PASSPHRASE)


@pytest.mark.parametrize("missing", ["version", "scrypt_n", "salt", "nonce", "sealed"])
def test_a_file_that_lacks_a_part_is_noticed(path: Path, missing: str) -> None:
    envelope = json.loads(path.read_text())
    del envelope[missing]
    path.write_text(json.dumps(envelope))
    with pytest.raises(InvariantViolated):
        open_seed_file(path, PASSPHRASE)


def test_a_missing_file_is_said_to_be_missing(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        open_seed_file(tmp_path / SEED_FILE, PASSPHRASE)


def test_the_passphrase_costs_what_owasp_demands(tmp_path: Path) -> None:
    create_seed_file(tmp_path / SEED_FILE, PASSPHRASE)
    assert json.loads((tmp_path / SEED_FILE).read_text())["scrypt_n"] == 2**17
    assert (seed_file._SCRYPT_R, seed_file._SCRYPT_P) == (8, 1)


def test_the_public_half_holds_no_private_key() -> None:
    public = public_info(bytes(32))
    assert public["deposits"]["ETH"].startswith("xpub")
    assert not any("prv" in value for part in public.values() for value in part.values())


def test_the_public_half_has_each_chain_as_its_network_writes_it() -> None:
    public = public_info(bytes(32), [NETWORKS[Asset.BTC, "main"], NETWORKS[Asset.LTC, "test"]])
    assert public["hot"]["BTC"].startswith("bc1q") and public["hot"]["LTC"].startswith("tltc1q")
    assert [public["deposits"][asset][:4] for asset in ("ETH", "BTC", "LTC")] == ["xpub", "xpub", "tpub"]
    assert public.keys() == {"deposits", "hot"} and public["hot"].keys() == {"ETH", "BTC", "LTC"}


def test_coins_of_one_chain_are_not_spent_with_the_key_of_another() -> None:
    main = public_info(bytes(32), [NETWORKS[Asset.BTC, "main"], NETWORKS[Asset.LTC, "main"]])
    assert len(set(main["deposits"].values())) == 3
    assert main["hot"]["BTC"].split("1q")[1][:30] != main["hot"]["LTC"].split("1q")[1][:30]
