"""Names that look like other names, as those have who want to be taken for somebody else. Pure.

Two names look alike when their skeletons are the same (the idea is Unicode's UTS 39, "Confusable Detection"; the table
here is a small one of what is seen in names: Cyrillic, Greek and Armenian letters that look Latin, digits, and pairs).
"""

from __future__ import annotations

import unicodedata
from typing import Final

#: After case folding and decomposition. ``i``, ``l``, ``1`` and ``|`` are one; so are ``o`` and ``0``.
_LOOKS_LIKE: Final = str.maketrans({
    # Cyrillic
    "а": "a", "в": "b", "с": "c", "ԁ": "d", "е": "e", "ё": "e", "һ": "h", "н": "h", "і": "l", "ї": "l", "ӏ": "l",
    "ј": "j", "к": "k", "м": "m", "п": "n", "о": "o", "р": "p", "ԛ": "q", "г": "r", "ѕ": "s", "т": "t", "ц": "u",
    "ѵ": "v", "ԝ": "w", "х": "x", "у": "y", "ү": "y", "з": "3", "б": "6",
    # Greek
    "α": "a", "β": "b", "ε": "e", "γ": "y", "η": "n", "ι": "l", "κ": "k", "μ": "u", "ν": "v", "ο": "o", "ρ": "p",
    "σ": "o", "τ": "t", "υ": "u", "χ": "x", "ω": "w",
    # Armenian, Latin letters without a dot or with a stroke, and other signs
    "ո": "n", "ս": "u", "օ": "o", "հ": "h", "զ": "q", "ı": "l", "ł": "l", "ø": "o", "đ": "d", "ɑ": "a", "ɡ": "g",
    "i": "l", "1": "l", "|": "l", "!": "l", "0": "o", "$": "s", "5": "s", "@": "a", "4": "a",
})  # fmt: skip
_PAIRS: Final = (("rn", "m"), ("vv", "w"), ("cl", "d"))


def skeleton(name: str) -> str:
    """What a name looks like: without case, accents, spaces, points and what is not seen. Empty where nothing is."""
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", name).casefold())
    seen = "".join(c for c in plain if unicodedata.category(c)[0] in "LNS" or c in "|!@")
    looks = seen.translate(_LOOKS_LIKE)
    for pair, one in _PAIRS:
        looks = looks.replace(pair, one)
    return looks


def look_alike(names: tuple[str | None, ...], others: tuple[str | None, ...]) -> bool:
    """Whether one of a person's names (display name, username) looks like one of another person's."""
    mine, theirs = ({skeleton(name) for name in some if name} - {""} for some in (names, others))
    return bool(mine & theirs)
