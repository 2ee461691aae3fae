"""The folder of fetched programs, one for each person, shared by all checkouts and safe for several processes."""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bot.sandbox.components.component import Component, Say


def cache_dir() -> Path:
    """`WALLET_COMPONENTS_DIR`, by default `~/.cache/itd-wallet`."""
    return Path(os.environ.get("WALLET_COMPONENTS_DIR") or Path.home() / ".cache" / "itd-wallet")


def ensure(component: Component, say: Say) -> Path:
    """Where the program lies, after fetching it if need be; raises `MissingComponentError`."""
    found = component.locate()
    if found is not None:
        return found
    with _alone(component.name):
        # Another process may have fetched it while this one waited for its turn.
        return component.locate() or component.fetch(say)


@contextmanager
def _alone(name: str) -> Iterator[None]:
    folder = cache_dir()
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / f"{name}.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@contextmanager
def scratch_dir() -> Iterator[Path]:
    """A folder beside the cached programs, so that what was made in it can be renamed into place; gone afterwards."""
    folder = cache_dir()
    folder.mkdir(parents=True, exist_ok=True)
    path = Path(tempfile.mkdtemp(prefix=".fetching-", dir=folder))
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


def put_in_place(made: Path, target: Path) -> Path:
    """Renames a finished file or folder to its final name in one step: half of it is never seen."""
    target.parent.mkdir(parents=True, exist_ok=True)
    return made.replace(target)
