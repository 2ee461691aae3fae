"""The screening list: addresses to which nothing is paid, with why and by whom they were put there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from wallet_core.domain.money import Asset
from wallet_core.domain.record import Document, Record, Target


class ScreenedAddress(Record):
    """One address of the list. It stays there when it is taken off, so that the list tells its own history."""

    collection: ClassVar[str] = "screened_addresses"

    id: str
    asset: Asset
    address: str
    listed: bool = True
    why: str
    by: int
    at: datetime


def screening_id(asset: Asset, address: str) -> str:
    """The id of an address in its normal form."""
    return f"{asset}:{address}"


@dataclass(frozen=True, slots=True)
class Screen:
    """Puts an address on the list, or takes it off."""

    screened: ScreenedAddress

    @property
    def target(self) -> Target:
        """The address."""
        return Target(ScreenedAddress.collection, self.screened.id)

    def apply(self, document: Document | None, now: datetime) -> Document:
        """The entry as it is from now on."""
        return {**self.screened.document(), "at": now}
