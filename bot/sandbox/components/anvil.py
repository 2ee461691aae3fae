"""anvil, the Ethereum node of the sandbox and the tests: from npm, checked against our own pin.

npm verifies a package only against what the registry says of it; our pin also notices a registry that says something
else one day. Platforms without a pin here take an `anvil` from the PATH.
"""

import platform
import re
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

from bot.sandbox.components import npm
from bot.sandbox.components.cache import cache_dir, ensure, put_in_place, scratch_dir
from bot.sandbox.components.component import Component, MissingComponentError, Say

VERSION = "1.7.1"
#: The oldest release on the PATH that knows every option we use, and the first that may have changed them.
FITS_FROM, FITS_BELOW = (1, 7), (2, 0)
#: npm package per platform with the SHA-512 of its archive, base64 as npm writes it.
PACKAGES = {
    ("linux", "x86_64"): (
        "@foundry-rs/anvil-linux-amd64",
        "+XmShybEaxfCrr0OUUZwYEy2OnYZt5pHH9TzBtLv3+VrK0O/ANuNSVEahqNhKHlgX7GRJ59383ofNhxkRWIYTg==",
    ),
}
HOW_TO_GET = "Install Foundry 1.7 or newer, so that `anvil` is on the PATH."


def _cached() -> Path:
    return cache_dir() / f"anvil-{VERSION}" / "anvil"


def locate() -> Path | None:
    """The anvil on the PATH if its version fits, else the one in the cache, else None."""
    on_path = shutil.which("anvil")
    if on_path and _fits(Path(on_path)):
        return Path(on_path)
    return _cached() if _cached().is_file() else None


def _fits(binary: Path) -> bool:
    try:
        said = subprocess.run([str(binary), "--version"], capture_output=True, text=True, timeout=20, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return version_fits(said.stdout)


def version_fits(said: str) -> bool:
    """True if what `anvil --version` printed names a release that we can drive."""
    match = re.search(r"(\d+)\.(\d+)\.\d+", said)
    return match is not None and FITS_FROM <= (int(match[1]), int(match[2])) < FITS_BELOW


def fetch(say: Say) -> Path:
    """Fetches the pinned release with npm; raises `MissingComponentError`."""
    pinned = PACKAGES.get((sys.platform, platform.machine()))
    if pinned is None:
        raise MissingComponentError("anvil", f"no pinned build for {sys.platform} {platform.machine()}", HOW_TO_GET)
    package, sha512 = pinned
    program = ensure(npm.NPM, say)
    say(f"anvil: fetching {package} {VERSION} (19 MB) with npm")
    with scratch_dir() as folder:
        archive = npm.packed(program, f"{package}@{VERSION}", folder)
        npm.check_sha512("anvil", archive, sha512)
        return put_in_place(_unpacked(archive, folder / "anvil"), _cached())


def _unpacked(archive: Path, target: Path) -> Path:
    with tarfile.open(archive) as tar:
        member = tar.extractfile("package/bin/anvil")
        if member is None:
            raise MissingComponentError("anvil", "the archive holds no program", HOW_TO_GET)
        with member, target.open("wb") as out:
            shutil.copyfileobj(member, out)
    target.chmod(0o755)
    return target


ANVIL = Component("anvil", locate, fetch)
