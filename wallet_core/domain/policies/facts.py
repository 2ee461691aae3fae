"""What the policies look at: a snapshot that is stored with every request, so that it can be judged again later."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final

from pydantic import BaseModel, ConfigDict

from wallet_core.domain.guards import CardLot
from wallet_core.domain.kyc import LevelVersion
from wallet_core.domain.level_table import BUILT_IN, LevelRow, version_of
from wallet_core.domain.money import Asset
from wallet_core.domain.purchase import RailState

#: What says only of which kind an address is: hexadecimal, or Bech32 (BIP 173) of a network and a version.
_SHARED: Final = re.compile(r"^(0x|(bc|tb|bcrt|ltc|tltc|rltc)1[qp])")
#: At most so many earlier requests are read, and no policy can be set to count more.
MOST_REQUESTS: Final = 1_000


class EarlierRequest(BaseModel):
    """A withdrawal that the person asked for before, and that was neither refused nor taken back."""

    model_config = ConfigDict(frozen=True)

    at: datetime
    amount_minor: int
    #: Whether coin, address and amount are those of the request that is judged.
    is_same: bool = False


class PolicyFacts(BaseModel):
    """Everything that the policies look at. Amounts in ITD minor units unless it says coins, times in database time.

    Nothing here depends on a policy's parameters: what a set with other parameters would have said is found from it.
    """

    model_config = ConfigDict(frozen=True)

    now: datetime
    person: int
    asset: Asset
    address: str
    amount_minor: int
    #: With the fee, what leaves the person's balance.
    total_minor: int
    #: What the address gets, in coins.
    coin_minor: int
    rail: RailState
    #: How many withdrawals the person had asked for when this was gathered: the posting insists on it.
    request_count: int = 0
    level: int = 1
    frozen_at: datetime | None = None
    frozen_by: str | None = None
    #: What an admin wrote for the person to read, and when the freeze ends by itself.
    frozen_reason: str | None = None
    frozen_until: datetime | None = None
    debt_minor: int = 0
    disputes: int = 0
    withdrawals_from: datetime | None = None
    #: Since when the person has this second factor, and any at all; None: since before that was noted.
    enrolled_at: datetime | None = None
    member_since: datetime | None = None
    #: When this person first asked for this address; None for the first time.
    address_since: datetime | None = None
    #: Whether all that they asked for this address still waits for its review: then nobody has looked at it.
    address_in_review: bool = False
    #: Why the address stands on the screening list; None when it does not.
    screened: str | None = None
    day: str
    day_ends_at: datetime
    #: Payouts of that day before this one.
    day_count: int = 0
    day_minor: int = 0
    #: The table of levels that counted, and what it says of payouts; none: what counts without a table.
    level_table: int = BUILT_IN
    payout_levels: tuple[LevelRow, ...] = ()
    #: What only a request is asked for; it is not gathered again when the payout is batched.
    #: Withdrawals of the last seven days, oldest first; the latest ``MOST_REQUESTS`` of them.
    requests: tuple[EarlierRequest, ...] = ()
    #: Of the addresses that this person used before, the one that begins and ends most like this one, and with how many
    #: same characters at each end (the smaller number counts).
    similar_address: str | None = None
    similar_characters: int = 0
    #: Card money that may not be withdrawn yet, and the balance; that is looked at only where there is some.
    card_lots: tuple[CardLot, ...] = ()
    available_minor: int = 0
    #: What the hot wallet has by the books, in coins.
    hot_minor: int = 0

    @property
    def levels(self) -> LevelVersion:
        """What the levels allow of payouts. Raises ``InvariantViolated`` when this program does not understand it."""
        return version_of(self.level_table, self.payout_levels)

    def document(self) -> dict[str, Any]:
        """The snapshot as it is stored."""
        return self.model_dump()


def same_ends(one: str, other: str) -> int:
    """How many characters two addresses have in common at both their beginnings and their ends, whichever is less.

    Letters count as the same whatever their case; the beginnings that all addresses of a kind share, such as ``0x`` and
    ``bc1q``, do not count.
    """
    one, other = (_SHARED.sub("", address.lower()) for address in (one, other))
    return min(_prefix(one, other), _prefix(one[::-1], other[::-1]))


def most_similar(address: str, known: Iterable[str]) -> tuple[str | None, int]:
    """The other address among these that looks most like this one, and by how much; None where there is no other."""
    others = ((same_ends(address, other), other) for other in known if other.lower() != address.lower())
    characters, other = max(others, default=(0, None), key=lambda found: found[0])
    return other, characters


def _prefix(one: str, other: str) -> int:
    same = 0
    for mine, theirs in zip(one, other, strict=False):
        if mine != theirs:
            break
        same += 1
    return same
