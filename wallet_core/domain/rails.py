"""What a rail does at each position of its switch, and the guard by which the worker obeys it. Pure.

================  ===================  =================  ==========================================
position          new requests         batches are        batches under way are
================  ===================  =================  ==========================================
running           taken                formed             signed, sent, raised, settled
finishing         taken, they wait     not formed         signed, sent, raised, settled
draining          refused              formed             signed, sent, raised, settled
paused            taken, they wait     not formed         left as they are; what is out is settled
closed            refused              not formed         left as they are; what is out is settled
================  ===================  =================  ==========================================
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from wallet_core.domain.errors import Reason, Refused
from wallet_core.domain.money import Asset
from wallet_core.domain.purchase import Rail, RailState
from wallet_core.domain.record import Document, Target

#: New batches are formed.
FORMS: Final = frozenset({RailState.RUNNING, RailState.DRAINING})
#: Batches that are there are signed, sent and raised.
PAYS: Final = FORMS | {RailState.FINISHING}
#: New requests are refused.
SHUT: Final = frozenset({RailState.DRAINING, RailState.CLOSED})


@dataclass(frozen=True, slots=True)
class RailAllows:
    """Refuses with RAIL_OFF unless the switch stands at one of these and no alarm does; written back.

    So whoever switches conflicts with it.
    """

    asset: Asset
    states: frozenset[RailState]

    @property
    def target(self) -> Target:
        """The rail."""
        return Target(Rail.collection, self.asset)

    def apply(self, document: Document | None, now: datetime) -> Document:
        """The rail unchanged. Raises ``Refused(RAIL_OFF)``."""
        if document is None or document["state"] not in self.states or document.get("alarm"):
            raise Refused(Reason.RAIL_OFF, what=Rail.collection)
        return document
