"""The seed that every private key comes from: 32 random bytes in one encrypted file, opened by the worker alone.

scrypt (RFC 7914) makes a key of the passphrase, AES-256-GCM seals the seed. Deposits and hot wallet lie in different
hardened accounts (BIP 32, BIP 44), because an extended public key together with one child's private key gives the
parent away. What may be known to the other process is ``public_info``.
"""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

from bip32 import BIP32
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt
from pydantic import SecretStr

from wallet_core.adapters.chains import bitcoin_like_addresses, ethereum_addresses
from wallet_core.domain.errors import InvariantViolated
from wallet_core.domain.money import Asset
from wallet_core.domain.network import NETWORKS, Network

#: The file's name in a worker's key folder.
SEED_FILE: Final = "seed.json"
#: The account whose extended public key gives the deposit addresses, and the one key of the hot wallet.
ETHEREUM_DEPOSITS_PATH: Final = "m/44'/60'/0'"
ETHEREUM_HOT_PATH: Final = "m/44'/60'/1'/0/0"
#: The networks of the sandbox.
REGTEST: Final = (NETWORKS[Asset.BTC, "regtest"], NETWORKS[Asset.LTC, "regtest"])

_VERSION: Final = 1
_SEED_BYTES: Final = 32
#: OWASP's password storage cheat sheet: N = 2^17, r = 8, p = 1, which takes 128 MiB.
_SCRYPT_N: Final = 2**17
_SCRYPT_R: Final = 8
_SCRYPT_P: Final = 1

PublicInfo = dict[str, dict[str, str]]


def deposits_path(network: Network) -> str:
    """The account whose extended public key gives the deposit addresses of Bitcoin or Litecoin (BIP 84)."""
    return f"m/84'/{network.coin_type}'/0'"


def hot_path(network: Network) -> str:
    """The one key of the hot wallet of Bitcoin or Litecoin, in an account of its own."""
    return f"m/84'/{network.coin_type}'/1'/0/0"


def create_seed_file(
    path: Path, passphrase: SecretStr, networks: Iterable[Network] = REGTEST, *, scrypt_n: int = _SCRYPT_N
) -> PublicInfo:
    """Makes a new seed, writes it encrypted with mode 0600, and returns its public half.

    Raises ``FileExistsError`` when the file is there: a seed is never written over.
    """
    seed = secrets.token_bytes(_SEED_BYTES)
    _write_new(path, json.dumps(_sealed(seed, passphrase, scrypt_n), indent=2).encode())
    return public_info(seed, networks)


def open_seed_file(path: Path, passphrase: SecretStr) -> bytes:
    """The seed. Raises ``InvariantViolated`` for a wrong passphrase or a damaged file, ``FileNotFoundError``."""
    content = path.read_text()
    try:
        envelope = json.loads(content)
        key = _key(passphrase, bytes.fromhex(envelope["salt"]), int(envelope["scrypt_n"]))
        nonce, sealed = bytes.fromhex(envelope["nonce"]), bytes.fromhex(envelope["sealed"])
        return AESGCM(key).decrypt(nonce, sealed, _bound(envelope["version"]))
    except (InvalidTag, KeyError, TypeError, ValueError) as error:
        raise InvariantViolated("the seed file is damaged, or SEED_PASSPHRASE is not its passphrase") from error


def public_info(seed: bytes, networks: Iterable[Network] = REGTEST) -> PublicInfo:
    """Extended public keys of the deposits and addresses of the hot wallets, by asset. They spend nothing."""
    root = BIP32.from_seed(seed)
    deposits = {Asset.ETH.value: str(root.get_xpub_from_path(ETHEREUM_DEPOSITS_PATH))}
    hot = {Asset.ETH.value: ethereum_addresses.address_of(root.get_pubkey_from_path(ETHEREUM_HOT_PATH))}
    for network in networks:
        # A node reads only the form of its own network: xpub on the main one, tpub on the others.
        coins = BIP32.from_seed(seed, network="main" if network.name == "main" else "test")
        deposits[network.asset.value] = str(coins.get_xpub_from_path(deposits_path(network)))
        key = coins.get_pubkey_from_path(hot_path(network))
        hot[network.asset.value] = bitcoin_like_addresses.address_of(key, network)
    return {"deposits": deposits, "hot": hot}


def _sealed(seed: bytes, passphrase: SecretStr, scrypt_n: int) -> dict[str, Any]:
    salt, nonce = secrets.token_bytes(16), secrets.token_bytes(12)
    sealed = AESGCM(_key(passphrase, salt, scrypt_n)).encrypt(nonce, seed, _bound(_VERSION))
    return {
        "version": _VERSION,
        "scrypt_n": scrypt_n,
        "salt": salt.hex(),
        "nonce": nonce.hex(),
        "sealed": sealed.hex(),
    }


def _key(passphrase: SecretStr, salt: bytes, scrypt_n: int) -> bytes:
    kdf = Scrypt(salt=salt, length=32, n=scrypt_n, r=_SCRYPT_R, p=_SCRYPT_P)
    return kdf.derive(passphrase.get_secret_value().encode())


def _bound(version: int) -> bytes:
    return f"itd-wallet seed {version}".encode()


def _write_new(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with os.fdopen(descriptor, "wb") as out:
        out.write(content)
        out.flush()
        os.fsync(out.fileno())
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        # Without it a power cut may lose the file's name, and with it every key.
        os.fsync(folder)
    finally:
        os.close(folder)
