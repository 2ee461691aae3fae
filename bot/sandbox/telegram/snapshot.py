"""Keeps the state in one JSON file, so that chats survive a restart of the sandbox."""

import asyncio
import json
import os
import time
from pathlib import Path

from bot.sandbox.telegram.pulse import Pulse
from bot.sandbox.telegram.state import State, state_from_json

FILE_NAME = "telegram.json"
PAUSE_SECONDS = 0.3
#: A large state takes longer to write, so it is written less often.
PAUSE_PER_SECOND_OF_WRITING = 20


class Snapshot:
    """The file and the task that writes it after changes, each time as a whole."""

    def __init__(self, data_dir: Path) -> None:
        self._path = data_dir / FILE_NAME
        self._changes = Pulse()
        self._dirty = False

    def load(self) -> State:
        """The kept state, or a new one."""
        if not self._path.exists():
            return State()
        return state_from_json(json.loads(self._path.read_text(encoding="utf-8")))

    def changed(self) -> None:
        """Asks for the next writing."""
        self._dirty = True
        self._changes.beat()

    def stop(self) -> None:
        """Ends `keep`."""
        self._changes.stop()

    def save(self, state: State) -> None:
        """Writes now, by a temporary file and a rename, so that a kill leaves the old or the new one."""
        self._dirty = False
        self._write(json.dumps(state, default=vars, ensure_ascii=False))

    async def keep(self, state: State) -> None:
        """Writes after changes until it is stopped."""
        while not self._changes.stopped:
            if not self._dirty:
                await self._changes.wait(3600)
                continue
            self._dirty = False
            began = time.monotonic()
            content = json.dumps(state, default=vars, ensure_ascii=False)
            spent = time.monotonic() - began
            await asyncio.to_thread(self._write, content)
            await asyncio.sleep(PAUSE_SECONDS + PAUSE_PER_SECOND_OF_WRITING * spent)

    def _write(self, content: str) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        draft = self._path.with_suffix(f".{os.getpid()}.draft")
        with draft.open("w", encoding="utf-8") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self._path)
