"""What the stand-in remembers: objects by their ids, in a file to which each change is added before it is answered.

Objects are never changed in place, they are replaced. So what an event holds stays as it was when it happened.
"""

import json
import os
import secrets
import string
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bot.sandbox.stripe.errors import no_such
from bot.sandbox.telegram.pulse import Pulse

Json = dict[str, Any]
FILE_NAME = "stripe.jsonl"
ID_LETTERS = string.ascii_letters + string.digits
ID_LENGTH = 24
#: Whoever does something without a request, as Stripe's dashboard and its clock do.
NO_REQUEST: Json = {"id": None, "idempotency_key": None}


def new_id(prefix: str, length: int = ID_LENGTH) -> str:
    """An id such as ``pi_…`` that was never given before."""
    return prefix + "".join(secrets.choice(ID_LETTERS) for _ in range(length))


class State:
    """Tables of objects, each in the order in which its objects were made."""

    def __init__(self, folder: Path, clock: Callable[[], float] = time.time) -> None:
        self._path = folder / FILE_NAME
        self._clock = clock
        self._tables: dict[str, dict[str, Json]] = {}
        self._changes: list[tuple[str, str, Json]] = []
        #: What an event tells about the request that caused it.
        self.request = NO_REQUEST
        #: Beats after every commit.
        self.pulse = Pulse()
        self._load()

    def now(self) -> int:
        """Seconds since 1970."""
        return int(self._clock())

    def table(self, name: str) -> Mapping[str, Json]:
        """All objects of a kind by id, the oldest first."""
        return self._tables.setdefault(name, {})

    def newest(self, name: str) -> list[Json]:
        """All objects of a kind, the newest first."""
        return list(self.table(name).values())[::-1]

    def get(self, name: str, key: str, param: str = "id") -> Json:
        """One object; raises `ApiError` 404."""
        found = self.table(name).get(key)
        if found is None:
            raise no_such(name, key, param)
        return found

    def keep(self, name: str, key: str, value: Json) -> Json:
        """Puts an object in place of the one with this id, and answers it; `commit` writes it down."""
        self._tables.setdefault(name, {})[key] = value
        self._changes.append((name, key, value))
        return value

    def change(self, name: str, key: str, **facts: Any) -> Json:
        """The object with some of its fields replaced."""
        return self.keep(name, key, {**self.table(name)[key], **facts})

    @contextmanager
    def caused_by(self, request_id: str, idempotency_key: str | None) -> Iterator[None]:
        """Events recorded inside name this request."""
        self.request = {"id": request_id, "idempotency_key": idempotency_key}
        try:
            yield
        finally:
            self.request = NO_REQUEST

    def commit(self) -> None:
        """Adds all changes since the last time as one line, so that after a kill they are all there or none."""
        if not self._changes:
            return
        line = json.dumps(self._changes, ensure_ascii=False, separators=(",", ":"))
        self._changes = []
        with self._path.open("a", encoding="utf-8") as file:
            file.write(f"{line}\n")
        self.pulse.beat()

    def _load(self) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        if not self._path.exists():
            return
        # What stands behind the last line break was not finished, and so nobody was told of it.
        for line in self._path.read_bytes().split(b"\n")[:-1]:
            for name, key, value in json.loads(line):
                self._tables.setdefault(name, {})[key] = value
        self._compact()

    def _compact(self) -> None:
        draft = self._path.with_suffix(".draft")
        with draft.open("w", encoding="utf-8") as file:
            for name, table in self._tables.items():
                file.writelines(f"{json.dumps([(name, *item)], ensure_ascii=False)}\n" for item in table.items())
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self._path)
