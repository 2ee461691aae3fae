"""The few words that go with a payment. Pure."""

from __future__ import annotations

import unicodedata
from typing import Final

from wallet_core.domain.errors import Reason, Refused

#: Longer than any sentence that belongs on a receipt, and short enough for every card.
LONGEST_NOTE: Final = 140
# Checked first: whoever sends a novel is not to make us walk through it.
_MOST_TYPED: Final = 1_000


def note_of(typed: str) -> str:
    """The note on one line, without characters that are not seen or that turn the text around; may be empty.

    Raises ``Refused(NOTE_TOO_LONG)`` beyond ``LONGEST_NOTE`` characters.
    """
    if len(typed) > _MOST_TYPED:
        raise Refused(Reason.NOTE_TOO_LONG, most=LONGEST_NOTE)
    seen = (" " if c.isspace() else c for c in typed)
    shown = "".join(c for c in seen if unicodedata.category(c) not in {"Cc", "Cf", "Cs", "Co", "Cn"} or c == "\u200d")
    note = " ".join(shown.split())
    if len(note) > LONGEST_NOTE:
        raise Refused(Reason.NOTE_TOO_LONG, most=LONGEST_NOTE)
    return note
