"""Bugs that are put in on purpose: the harness is only worth something if it sees every one of them.

Each is a change of a line or a few in a copy of the source; a worker that runs this copy must fail its play.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.faults.plays import Play
from wallet_core.domain.money import Asset

_ROOT = Path(__file__).parents[3]
_SOURCES = ("payout_worker", "wallet_core")


@dataclass(frozen=True)
class Edit:
    """The lines of a file that are sound, and those that are put in their place."""

    file: str
    sound: str
    wrong: str


@dataclass(frozen=True)
class Bug:
    """What is wrong with it, what makes it so, and the play and the chain on which it must be seen."""

    name: str
    edits: tuple[Edit, ...]
    play: Play
    asset: Asset
    #: What the world is opened with.
    settings: dict[str, Any] = field(default_factory=dict)


def planted(bug: Bug, folder: Path) -> Path:
    """A copy of the source with the bug; raises ``AssertionError`` when the sound lines are not there once."""
    for source in _SOURCES:
        shutil.copytree(_ROOT / source, folder / source, ignore=shutil.ignore_patterns("__pycache__"))
    for edit in bug.edits:
        file = folder / edit.file
        text = file.read_text()
        assert text.count(edit.sound) == 1, f"{bug.name}: {edit.file} has {text.count(edit.sound)} of the sound lines"
        file.write_text(text.replace(edit.sound, edit.wrong))
    return folder
