"""What somebody may post in any chat: so much ITD for whoever is first. Nothing is held before it is posted."""

from __future__ import annotations

import json
from datetime import datetime
from typing import ClassVar

from wallet_core.domain.record import Record


class InlineOffer(Record):
    """A suggestion below ``@bot 5 ITD`` while it is typed. Only who typed it knows its id, until they post it.

    The id becomes that of the ``Claimable``. Whoever presses first has it held in its author's name, so its terms are
    sealed by a MAC. Amounts in ITD minor units.
    """

    collection: ClassVar[str] = "inline_offers"
    ledgered: ClassVar[bool] = False

    id: str
    person: int
    amount_minor: int
    fee_minor: int
    note: str = ""
    #: Whether its sender would have been asked for a code when it was typed; decided once more when it is posted.
    takes_code: bool = False
    #: Until then it can be posted; what is posted and held has the time of a ``Claimable``.
    expires_at: datetime
    mac: str = ""

    def terms(self) -> bytes:
        """All that who typed it was shown. No other terms begin like it."""
        fixed = [self.id, self.person, self.amount_minor, self.fee_minor, self.note, self.expires_at.isoformat()]
        return b"inline offer " + json.dumps(fixed).encode()
