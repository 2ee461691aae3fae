"""bitcoind and litecoind: those on the PATH if their release fits, else Debian's in the cache."""

import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from bot.sandbox.components import debian_packages
from bot.sandbox.components.cache import cache_dir
from bot.sandbox.components.component import Component, Say
from bot.sandbox.components.debian_packages import DebianProgram


@dataclass(frozen=True)
class CoinDaemon:
    """A node's program and the oldest release of it that knows every call and option that we use."""

    debian: DebianProgram
    fits_from: tuple[int, int]

    def locate(self) -> Path | None:
        """The one on the PATH if its release fits, else the one in the cache, else None."""
        on_path = shutil.which(self.debian.program)
        if on_path and self.fits(_said(Path(on_path))):
            return Path(on_path)
        cached = self._folder() / self.debian.program
        return cached if cached.is_file() else None

    def fetch(self, say: Say) -> Path:
        """Puts it together from Debian's packages; raises `MissingComponentError`."""
        binary = debian_packages.fetch(self.debian, self._folder(), say)
        said = _said(binary)
        if not self.fits(said):
            shutil.rmtree(self._folder())
            raise self.debian.missing(f"what Debian has does not run here, or is too old ({said[:100]!r})")
        return binary

    def fits(self, said: str) -> bool:
        """True if what `--version` printed names a release that we can drive."""
        match = re.search(r"version v(\d+)\.(\d+)", said)
        return match is not None and (int(match[1]), int(match[2])) >= self.fits_from

    def _folder(self) -> Path:
        return cache_dir() / f"{self.debian.package}-{'-'.join(self.debian.releases)}"


def _said(binary: Path) -> str:
    try:
        done = subprocess.run([str(binary), "--version"], capture_output=True, text=True, timeout=60, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout or done.stderr


#: Debian has Bitcoin only as Knots and only in sid, whose C library is too new for most; its libraries are trixie's.
BITCOIN = CoinDaemon(
    DebianProgram(
        "bitcoind",
        "bitcoin-knots",
        ("trixie", "sid"),
        "Install Bitcoin Core 26 or newer, so that `bitcoind` is on the PATH.",
    ),
    (26, 0),
)
LITECOIN = CoinDaemon(
    DebianProgram(
        "litecoind",
        "litecoind",
        ("bookworm",),
        "Install Litecoin Core 0.21.2 or newer, so that `litecoind` is on the PATH.",
    ),
    (0, 21),
)
BITCOIND = Component("bitcoind", BITCOIN.locate, BITCOIN.fetch)
LITECOIND = Component("litecoind", LITECOIN.locate, LITECOIN.fetch)
