"""``seal.head.json``: the last seal that this worker made, kept where who writes into the database cannot reach it."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Final

import structlog

from payout_worker.state_file import write_durably
from wallet_core.domain.seal import Head

log = structlog.get_logger(__name__)

NAME: Final = "seal.head.json"


class HeadFile:
    """The head in a worker's state folder, in the form of ``wallet head --json``."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / NAME
        self.head = self._read()

    def keep(self, head: Head) -> None:
        """Remembers a head. A disk that does not take it stops nothing: then an older head is what is compared."""
        self.head = head
        try:
            write_durably(self.path, head.model_dump_json(indent=1).encode())
        except OSError as error:
            log.error("seal_head_not_kept", error=str(error))

    def _read(self) -> Head:
        try:
            return Head.model_validate_json(self.path.read_bytes())
        except FileNotFoundError:
            log.info("seal_head_missing", file=NAME)
        except (ValueError, OSError) as error:
            log.critical("seal_head_set_aside", file=NAME, why=str(error))
            with suppress(OSError):
                self.path.replace(self.path.with_suffix(".aside.json"))
        return Head()
