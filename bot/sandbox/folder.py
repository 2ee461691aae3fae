"""The folder of one sandbox: what lies where, who may use it, and how it is reset.

Chats, chains, database and keys belong together (an invoice in a chat names an address of a key that was paid on a
chain), so they are kept together or removed together.
"""

import fcntl
import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import IO

MARK = "This folder belongs to the sandbox of ITD Wallet. SANDBOX_RESET=1 removes what is in it.\n"


class FolderError(RuntimeError):
    """The folder cannot be used; the message says why."""


@dataclass(frozen=True)
class Folder:
    """Paths below `WALLET_DATA_DIR`."""

    root: Path

    @property
    def chats(self) -> Path:
        """What the local Telegram remembers."""
        return self.root / "chats"

    @property
    def mongodb(self) -> Path:
        """The database."""
        return self.root / "mongodb"

    @property
    def chains(self) -> Path:
        """The nodes' states."""
        return self.root / "chains"

    @property
    def cards(self) -> Path:
        """What the stand-in for Stripe remembers."""
        return self.root / "cards"

    @property
    def keys(self) -> Path:
        """What `wallet keys new` made: a folder for the bot and one for the worker."""
        return self.root / "keys"

    @property
    def worker(self) -> Path:
        """The worker's state files and signing record."""
        return self.root / "worker"

    @property
    def logs(self) -> Path:
        """One file a process."""
        return self.root / "logs"

    @property
    def funding(self) -> Path:
        """The faucet's first payment to the hot wallet, and whether it is in the books."""
        return self.root / "funding.json"

    def env_file(self, name: str) -> Path:
        """The settings of a process for a shell: `sandbox`, `bot` or `worker`."""
        return self.root / f"{name}.env"

    @property
    def is_used(self) -> bool:
        """True if there is a world from an earlier time."""
        return self.keys.exists() or self.mongodb.exists() or self.chats.exists()

    def reset(self) -> None:
        """Removes chats, chains, cards, database, keys and state together; the logs and other files stay."""
        for part in (self.funding, self.keys, self.worker, self.mongodb, self.chains, self.cards, self.chats):
            if part.is_dir():
                shutil.rmtree(part)
            else:
                part.unlink(missing_ok=True)


def opened(root: Path) -> tuple[Folder, IO[str]]:
    """Makes the folder ready for this process alone, as long as the returned file is open.

    Raises `FolderError` when it holds something else than a sandbox, or another sandbox runs in it.
    """
    root = root.resolve()
    mark = root / "SANDBOX"
    if root.exists() and any(root.iterdir()) and not mark.exists():
        raise FolderError(f"{root} is no sandbox's folder; choose another one by WALLET_DATA_DIR")
    root.mkdir(parents=True, exist_ok=True)
    root.chmod(0o700)
    mark.write_text(MARK)
    return Folder(root), _locked(mark)


def _locked(mark: Path) -> IO[str]:
    lock = mark.open()
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.close()
        raise FolderError(f"another sandbox runs in {mark.parent}; end it, or choose another WALLET_DATA_DIR") from None
    return lock


def write_private(path: Path, text: str) -> None:
    """Writes a file that only its owner may read, in one step."""
    unfinished = path.with_name(f".{path.name}.new")
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
    unfinished.replace(path)
