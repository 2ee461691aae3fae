"""mongod: found as the wallet itself finds it, and checked to run on this machine."""

import subprocess
from pathlib import Path

from bot.sandbox.components import debian
from bot.sandbox.components.cache import cache_dir
from bot.sandbox.components.component import Component, MissingComponentError, Say
from wallet_core.adapters.mongo.embedded import MongodError, find_mongod

#: What the wheel's mongod is linked against and a small Debian may lack.
LIBRARIES = ("libcurl4", "liblzma5")
HOW_TO_GET = "Install MongoDB 6 or newer, so that `mongod` is on the PATH, or point MONGODB_URI at a replica set."


def locate() -> Path | None:
    """A mongod that runs here, or None."""
    try:
        found = find_mongod(cache_dir())
    except MongodError:
        return None
    return found if not _complaint(found) else None


def _complaint(binary: Path) -> str:
    try:
        done = subprocess.run([str(binary), "--version"], capture_output=True, text=True, timeout=60, check=False)
    except OSError as error:
        return str(error)
    return done.stderr.strip()[-300:] if done.returncode else ""


def fetch(say: Say) -> Path:
    """The program comes with the `sandbox` extra; what may be missing are the libraries that it needs."""
    try:
        found = find_mongod(cache_dir())
    except MongodError as error:
        raise MissingComponentError("mongod", str(error), HOW_TO_GET) from error
    problem = debian.install(LIBRARIES, say) if debian.can_install() else ""
    complaint = _complaint(found)
    if complaint:
        raise MissingComponentError("mongod", f"it does not run here ({problem or complaint})", HOW_TO_GET)
    return found


MONGOD = Component("mongod", locate, fetch)
