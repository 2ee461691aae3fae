"""What an outside program is to us: a name, where it may lie, how to fetch it, how a person gets it otherwise."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

Say = Callable[[str], None]


class MissingComponentError(RuntimeError):
    """A program is neither here nor could it be fetched; the message says how to get it."""

    def __init__(self, name: str, why: str, how_to_get: str) -> None:
        super().__init__(f"{name}: {why}. {how_to_get}")
        self.name = name


@dataclass(frozen=True)
class Component:
    """One outside program.

    `locate` looks without changing anything; `fetch` puts it in place or raises `MissingComponentError`, and is
    never run by two processes at once.
    """

    name: str
    locate: Callable[[], Path | None]
    fetch: Callable[[Say], Path]
