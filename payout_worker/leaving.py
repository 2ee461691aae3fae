"""The last thing that a worker does: it writes both state files, also when it was told to leave before it had begun."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import structlog

from payout_worker.logs import log_json
from payout_worker.state_file import StateFile, StateFolder
from payout_worker.unit import Unit
from wallet_core.settings import Settings

log = structlog.get_logger(__name__)

STOPPED: Final = 0

#: Payout and Purchase.
Units = tuple[Unit, Unit]


def load_units(folder: Path) -> Units:
    """Both units, with all their rails, as their state files in a folder left them."""
    return Unit("payout", StateFile(folder, "payout")), Unit("purchase", StateFile(folder, "purchase"))


def save_units(units: Units, why: str) -> None:
    """Writes both files."""
    for unit in units:
        unit.save(why)
    log.info("state_saved", why=why)


def leave(why: str) -> int:
    """Ends a start that a signal overtook: what the files knew is kept. Returns the exit code."""
    settings = Settings()
    log_json(settings.log_level)
    try:
        with StateFolder(settings.worker_state_dir) as folder:
            save_units(load_units(folder.folder), why)
    except BlockingIOError:
        log.info("state_folder_in_use")
    return STOPPED
