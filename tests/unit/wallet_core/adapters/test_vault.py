"""The vault: secrets open only where they belong, and seals break when a term changes."""

import json
from pathlib import Path

import pytest

from wallet_core.adapters.vault import MAC_KEY_FILE, VAULT_KEYS_FILE, KeyFileVault, new_key_ring
from wallet_core.domain.errors import InvariantViolated

OLD, NEW = {"00000001": b"a" * 32}, {"00000002": b"b" * 32}
VAULT = KeyFileVault(OLD, b"m" * 32)
SECRET = b"JBSWY3DPEHPK3PXP"


def test_a_secret_opens_for_whom_it_was_sealed() -> None:
    assert VAULT.open(VAULT.seal(SECRET, bound_to="totp:1"), bound_to="totp:1") == SECRET


def test_a_secret_moved_to_another_person_does_not_open() -> None:
    with pytest.raises(InvariantViolated, match="changed or moved"):
        VAULT.open(VAULT.seal(SECRET, bound_to="totp:1"), bound_to="totp:2")


def test_the_sealed_form_shows_nothing_and_never_repeats() -> None:
    one, other = (VAULT.seal(SECRET, bound_to="totp:1") for _ in range(2))
    assert SECRET not in one
    assert one != other


def test_no_byte_can_be_changed() -> None:
    sealed = VAULT.seal(SECRET, bound_to="totp:1")
    for position in range(len(sealed)):
        changed = sealed[:position] + bytes([sealed[position] ^ 1]) + sealed[position + 1 :]
        with pytest.raises(InvariantViolated):
            VAULT.open(changed, bound_to="totp:1")


def test_what_was_sealed_with_a_key_that_is_gone_does_not_open() -> None:
    sealed = VAULT.seal(SECRET, bound_to="totp:1")
    with pytest.raises(InvariantViolated, match="not in this vault"):
        KeyFileVault(NEW, b"m" * 32).open(sealed, bound_to="totp:1")


def test_after_a_rotation_old_secrets_open_and_new_ones_take_the_new_key() -> None:
    rotated = KeyFileVault({**OLD, **NEW}, b"m" * 32)
    assert rotated.open(VAULT.seal(SECRET, bound_to="totp:1"), bound_to="totp:1") == SECRET
    sealed = rotated.seal(SECRET, bound_to="totp:1")
    assert KeyFileVault(NEW, b"m" * 32).open(sealed, bound_to="totp:1") == SECRET


def test_a_process_without_sealing_keys_seals_and_opens_nothing() -> None:
    worker = KeyFileVault({}, b"m" * 32)
    with pytest.raises(InvariantViolated, match="no sealing key"):
        worker.seal(SECRET, bound_to="totp:1")
    with pytest.raises(InvariantViolated, match="not in this vault"):
        worker.open(VAULT.seal(SECRET, bound_to="totp:1"), bound_to="totp:1")


def test_the_seal_on_terms_is_hmac_sha256() -> None:
    # RFC 4231, test case 2.
    vault = KeyFileVault({}, b"Jefe")
    mac = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    assert vault.mac(b"what do ya want for nothing?") == mac
    assert vault.mac_fits(b"what do ya want for nothing?", mac)


@pytest.mark.parametrize("mac", ["", "0" * 64, "é", "5bdc"])
def test_another_seal_does_not_fit(mac: str) -> None:
    assert not VAULT.mac_fits(b"terms", mac)


def test_the_seal_of_other_terms_or_of_another_key_does_not_fit() -> None:
    mac = VAULT.mac(b"terms")
    assert not VAULT.mac_fits(b"terms ", mac)
    assert not KeyFileVault(OLD, b"n" * 32).mac_fits(b"terms", mac)


def test_new_rings_hold_one_random_key_of_256_bits() -> None:
    ring = new_key_ring()
    ((key_id, key),) = ring.items()
    assert (len(bytes.fromhex(key_id)), len(bytes.fromhex(key))) == (4, 32)
    assert ring != new_key_ring()


def test_a_folder_with_both_files_seals_and_one_with_the_mac_key_alone_only_checks(tmp_path: Path) -> None:
    (tmp_path / MAC_KEY_FILE).write_text("6d" * 32 + "\n")
    worker = KeyFileVault.of_folder(tmp_path)
    assert worker.mac(b"terms") == VAULT.mac(b"terms")
    (tmp_path / VAULT_KEYS_FILE).write_text(json.dumps(new_key_ring()))
    bot = KeyFileVault.of_folder(tmp_path)
    assert bot.open(bot.seal(SECRET, bound_to="x"), bound_to="x") == SECRET
    assert worker.mac_fits(b"terms", bot.mac(b"terms"))


def test_a_folder_without_keys_is_said_to_be_so(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        KeyFileVault.of_folder(tmp_path)
