"""A file sealed in pieces, so that none of them can be changed, left out, moved or taken from another file.

The construction is STREAM (Hoang, Reyhanitabar, Rogaway, Vizár: Online Authenticated-Encryption and its Nonce-Reuse
Misuse-Resistance, 2015) with AES-256-GCM, as Tink's streaming AEAD has it: each file has a key of its own, derived
with HKDF-SHA256 (RFC 5869) from the caller's key and a random salt; a piece's nonce is its number and whether it is
the last one.
"""

from __future__ import annotations

import secrets
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from wallet_core.domain.errors import InvariantViolated

#: How the stored bytes begin, so that another construction can come later.
_VERSION: Final = b"\x01"
_SALT_BYTES: Final = 32
_KEY_BYTES: Final = 32
_PIECE_BYTES: Final = 65_536
_TAG_BYTES: Final = 16
_NUMBER_BYTES: Final = 11


def sealed_bytes(content_bytes: int) -> int:
    """How long a file of so many bytes is once it is sealed."""
    pieces = max(1, -(-content_bytes // _PIECE_BYTES))
    return len(_VERSION) + _SALT_BYTES + content_bytes + pieces * _TAG_BYTES


def seal_file(content: bytes, *, key: bytes, bound_to: str) -> bytes:
    """Version, salt, and the sealed pieces of 64 KiB. It opens only with the same key for the same ``bound_to``."""
    salt = secrets.token_bytes(_SALT_BYTES)
    cipher, bound = _cipher(key, salt), bound_to.encode()
    pieces = [content[start : start + _PIECE_BYTES] for start in range(0, len(content), _PIECE_BYTES)] or [b""]
    last = len(pieces) - 1
    sealed = (cipher.encrypt(_nonce(n, last=n == last), piece, bound) for n, piece in enumerate(pieces))
    return b"".join((_VERSION, salt, *sealed))


def open_file(stored: bytes, *, key: bytes, bound_to: str) -> bytes:
    """The content. Raises ``InvariantViolated`` when anything of it is not what was sealed."""
    head = len(_VERSION) + _SALT_BYTES
    body = stored[head:]
    if stored[: len(_VERSION)] != _VERSION or len(body) < _TAG_BYTES:
        raise InvariantViolated("a sealed file is no sealed file")
    cipher, bound, size = _cipher(key, stored[len(_VERSION) : head]), bound_to.encode(), _PIECE_BYTES + _TAG_BYTES
    starts = range(0, len(body), size)
    try:
        return b"".join(
            cipher.decrypt(_nonce(n, last=start + size >= len(body)), body[start : start + size], bound)
            for n, start in enumerate(starts)
        )
    except (InvalidTag, ValueError) as error:
        raise InvariantViolated("a sealed file was changed, cut off or moved") from error


def _cipher(key: bytes, salt: bytes) -> AESGCM:
    if len(key) != _KEY_BYTES:
        raise InvariantViolated("a file's key has another length")
    return AESGCM(HKDF(algorithm=hashes.SHA256(), length=_KEY_BYTES, salt=salt, info=b"sealed file").derive(key))


def _nonce(number: int, *, last: bool) -> bytes:
    return number.to_bytes(_NUMBER_BYTES, "big") + bytes([last])
