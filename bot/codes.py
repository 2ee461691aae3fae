"""Telling a code from any other text, so that codes never stay in a chat."""

from __future__ import annotations

import re
from typing import Final

_CODE: Final = re.compile(r"\s*(\d{3})[ -]?(\d{3})\s*", re.ASCII)
_CODE_INSIDE: Final = re.compile(r"(?<![\d.,])\d{3}[ -]?\d{3}(?!\d|[.,]\d)", re.ASCII)
_RECOVERY_CODE_INSIDE: Final = re.compile(r"(?<!\w)\d-(?:[A-Z0-9]{4}-){3}[A-Z0-9]{4}(?!\w)", re.ASCII | re.IGNORECASE)
#: Longer texts are not looked at: somebody tells a story.
_LONGEST_CHARACTERS: Final = 40


def code_of(text: str) -> str | None:
    """The six digits, where the text is nothing but a code (``123456``, ``123 456``)."""
    match = _CODE.fullmatch(text) if len(text) <= _LONGEST_CHARACTERS else None
    return "".join(match.groups()) if match else None


def code_among(text: str) -> str | None:
    """The six digits of the first code in a short text, possibly among other words."""
    match = _CODE_INSIDE.search(text) if len(text) <= _LONGEST_CHARACTERS else None
    return match.group().replace(" ", "").replace("-", "") if match else None


def has_code(text: str) -> bool:
    """Whether a short text holds a 6-digit code or a recovery code, possibly among other words."""
    if len(text) > _LONGEST_CHARACTERS:
        return False
    return bool(_CODE_INSIDE.search(text) or _RECOVERY_CODE_INSIDE.search(text))
