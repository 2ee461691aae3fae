"""Installing Debian packages, where this is Debian and we are root."""

import os
import shutil
import subprocess

from bot.sandbox.components.component import Say

# apt waits this long for another apt to finish instead of failing at once.
_LOCK_TIMEOUT_SECONDS = 600


def can_install() -> bool:
    """True where apt-get exists and may be used without asking anybody."""
    return os.geteuid() == 0 and shutil.which("apt-get") is not None


def install(packages: tuple[str, ...], say: Say) -> str:
    """Installs packages with the machine's own apt sources; answers what went wrong, or an empty text."""
    say(f"{packages[0]}: apt-get install {' '.join(packages)}")
    wait = ("-o", f"DPkg::Lock::Timeout={_LOCK_TIMEOUT_SECONDS}")
    return _run(["apt-get", *wait, "-q", "update"]) or _run(
        ["apt-get", *wait, "-q", "install", "-y", "--no-install-recommends", *packages]
    )


def _run(argv: list[str]) -> str:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    done = subprocess.run(argv, env=environment, capture_output=True, text=True, check=False)
    return "" if done.returncode == 0 else (done.stderr.strip()[-300:] or f"apt-get ended with {done.returncode}")
