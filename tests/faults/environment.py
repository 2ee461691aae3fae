"""What a world's processes are told: their settings and their keys."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final
from unittest.mock import patch

from pydantic import SecretStr

from wallet_core.adapters.seed_file import SEED_FILE, create_seed_file
from wallet_core.bootstrap import PUBLIC_FILE
from wallet_core.settings import Settings

PASSPHRASE: Final = "faults"
#: Nobody waits, nobody looks at what is young, large for the hot wallet or asked for twice; no worker runs mass sends.
USUAL: Final = {
    "WORKER_RAILS": "BTC ETH LTC USD",
    "NEW_ADDRESS_WAIT_SECONDS": "0",
    "TWO_FACTOR_WAIT_SECONDS": "0",
    "ACCOUNT_YOUNG_SECONDS": "0",
    "DUPLICATE_WITHIN_SECONDS": "0",
    "REVIEW_HOT_SHARE_PERCENT": "0",
}


def settings_of(environment: Mapping[str, str]) -> Settings:
    """What a process with these variables, and no others, reads as its settings."""
    with patch.dict(os.environ, environment, clear=True):
        return Settings()


def make_keys(folder: Path) -> Mapping[str, Any]:
    """New keys in a folder; returns their public half."""
    public = create_seed_file(folder / SEED_FILE, SecretStr(PASSPHRASE), scrypt_n=2**12)
    (folder / PUBLIC_FILE).write_text(json.dumps(public))
    (folder / "mac.key").write_text("11" * 32)
    return public


def outside() -> dict[str, str]:
    """The variables of this process that are no settings of the wallet."""
    ours = ("WALLET_", "WORKER_", "BTC_", "LTC_", "ETH_")
    return {name: value for name, value in os.environ.items() if not name.startswith(ours)}
