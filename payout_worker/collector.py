"""How often Python looks for cycles of garbage, in a worker."""

from __future__ import annotations

import gc
from typing import Final

#: A batch of thousands is many long-lived objects and hardly a cycle. By Python's default of 700 all of them were
#: walked through again and again: a quarter of the time of paying, in stops of a tenth of a second.
_NEW_OBJECTS: Final = 50_000
_YOUNGER_COLLECTIONS: Final = 20


def collect_seldom() -> None:
    """Leaves out what was imported, and looks at the rest less often. Other garbage is freed at once, as always."""
    gc.freeze()
    gc.set_threshold(_NEW_OBJECTS, _YOUNGER_COLLECTIONS, _YOUNGER_COLLECTIONS)
