"""Chromium, in which the tests look at the sandbox's page."""

import shutil
from pathlib import Path

from bot.sandbox.components import debian
from bot.sandbox.components.component import Component, MissingComponentError, Say

PACKAGES = ("chromium", "fonts-dejavu-core")
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
APPLICATIONS = (
    Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"),
    Path("/Applications/Chromium.app/Contents/MacOS/Chromium"),
)
HOW_TO_GET = f"Install Chromium or Chrome (on Debian, as root: apt-get install {' '.join(PACKAGES)})."


def locate() -> Path | None:
    """The first Chromium or Chrome that is installed, or None."""
    debians = Path("/usr/bin/chromium")
    on_path = (shutil.which(name) for name in NAMES)
    candidates = [debians, *(Path(found) for found in on_path if found), *APPLICATIONS]
    return next((path for path in candidates if path.is_file()), None)


def fetch(say: Say) -> Path:
    """Installs Debian's package when run by root; raises `MissingComponentError` otherwise."""
    if not debian.can_install():
        raise MissingComponentError("chromium", "not installed, and this is not root on Debian", HOW_TO_GET)
    problem = debian.install(PACKAGES, say)
    found = locate()
    if found is None:
        raise MissingComponentError("chromium", f"apt-get could not install it ({problem})", HOW_TO_GET)
    return found


CHROMIUM = Component("chromium", locate, fetch)
