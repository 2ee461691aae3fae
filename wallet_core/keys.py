"""Makes all keys of a wallet, sorted by the process that gets them.

The worker alone gets the seed; the bot alone gets the keys of the vault. Both get the key of the authentication codes
and the public half. An extended public key with one child's private key gives its parent away, so deposits and hot
wallet are different hardened accounts of the seed.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable
from pathlib import Path

from pydantic import SecretStr

from wallet_core.adapters.seed_file import SEED_FILE, PublicInfo, create_seed_file, open_seed_file, public_info
from wallet_core.adapters.vault import MAC_KEY_FILE, VAULT_KEYS_FILE, new_key_ring
from wallet_core.bootstrap import PUBLIC_FILE
from wallet_core.domain.network import Network


def new_keys(folder: Path, seed_passphrase: SecretStr, networks: Iterable[Network]) -> dict[str, str]:
    """Writes ``bot/`` and ``worker/`` below a folder; returns each file with its purpose.

    The public half has Bitcoin's and Litecoin's keys as these networks write them.

    Raises ``FileExistsError`` rather than overwrite a key: whatever it protects would be lost.
    """
    bot, worker = folder / "bot", folder / "worker"
    for process in (bot, worker):
        process.mkdir(mode=0o700, parents=True, exist_ok=False)
    public = json.dumps(create_seed_file(worker / SEED_FILE, seed_passphrase, networks), indent=1)
    mac_key = secrets.token_hex(32)
    for process in (bot, worker):
        _write(process / PUBLIC_FILE, public)
        _write(process / MAC_KEY_FILE, mac_key)
    _write(bot / VAULT_KEYS_FILE, json.dumps(new_key_ring()))
    return {
        str(bot / VAULT_KEYS_FILE): "the bot alone: opens people's two-factor secrets",
        str(bot / MAC_KEY_FILE): "the bot: seals the terms of withdrawals",
        str(bot / PUBLIC_FILE): "the bot: extended public keys, for deposit addresses",
        str(worker / SEED_FILE): "the worker alone: signs payouts; opened by SEED_PASSPHRASE; keep a copy offline",
        str(worker / MAC_KEY_FILE): "the worker: checks the terms of withdrawals",
        str(worker / PUBLIC_FILE): "the worker: addresses to watch",
    }


def public_half(seed_file: Path, seed_passphrase: SecretStr, networks: Iterable[Network]) -> PublicInfo:
    """What ``public.json`` holds, made anew. Raises ``InvariantViolated`` for a wrong passphrase."""
    return public_info(open_seed_file(seed_file, seed_passphrase), networks)


def _write(path: Path, text: str) -> None:
    path.touch(mode=0o600, exist_ok=False)
    path.write_text(text)
