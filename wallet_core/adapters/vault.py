"""``ports.Vault``: AES-256-GCM for secrets at rest, HMAC-SHA256 for terms; the keys live in files, never in MongoDB."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Final, Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from wallet_core.domain.errors import InvariantViolated

VAULT_KEYS_FILE: Final = "vault.json"
MAC_KEY_FILE: Final = "mac.key"
_NONCE_BYTES: Final = 12
_KEY_ID_BYTES: Final = 4


class KeyFileVault:
    """A ring of sealing keys, of which the last seals and all open, and one key for authentication codes."""

    def __init__(self, sealing_keys: Mapping[str, bytes], mac_key: bytes) -> None:
        self._keys = {bytes.fromhex(key_id): AESGCM(key) for key_id, key in sealing_keys.items()}
        self._newest = next(reversed(self._keys), None)
        self._mac_key = mac_key

    @classmethod
    def of_folder(cls, folder: Path) -> Self:
        """The vault of a process's key folder; the worker's has no sealing keys. Raises ``FileNotFoundError``."""
        ring = folder / VAULT_KEYS_FILE
        keys = (
            {key_id: bytes.fromhex(key) for key_id, key in json.loads(ring.read_text()).items()}
            if ring.exists()
            else {}
        )
        return cls(keys, bytes.fromhex((folder / MAC_KEY_FILE).read_text().strip()))

    def seal(self, secret: bytes, *, bound_to: str) -> bytes:
        """See ``ports.Vault.seal``: key id, nonce, ciphertext. Raises ``InvariantViolated`` without a sealing key."""
        if self._newest is None:
            raise InvariantViolated("this process has no sealing key")
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return self._newest + nonce + self._keys[self._newest].encrypt(nonce, secret, bound_to.encode())

    def open(self, sealed: bytes, *, bound_to: str) -> bytes:
        """See ``ports.Vault.open``."""
        key = self._keys.get(sealed[:_KEY_ID_BYTES])
        body = sealed[_KEY_ID_BYTES:]
        if key is None:
            raise InvariantViolated("the key of a sealed secret is not in this vault")
        try:
            return key.decrypt(body[:_NONCE_BYTES], body[_NONCE_BYTES:], bound_to.encode())
        except (InvalidTag, ValueError) as error:
            raise InvariantViolated("a sealed secret was changed or moved") from error

    def mac(self, terms: bytes) -> str:
        """See ``ports.Vault.mac``."""
        return hmac.new(self._mac_key, terms, hashlib.sha256).hexdigest()

    def mac_fits(self, terms: bytes, mac: str) -> bool:
        """See ``ports.Vault.mac_fits``."""
        return hmac.compare_digest(self.mac(terms).encode(), mac.encode())


def new_key_ring() -> dict[str, str]:
    """A ring with one random 256-bit key, as it is stored: key id -> key, both in hex."""
    return {secrets.token_hex(_KEY_ID_BYTES): secrets.token_hex(32)}
