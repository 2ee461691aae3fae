"""Who gets the hot wallet's coins when there are too few for all."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class Purse:
    """Coins that are given to payouts in the order of their age, in minor units; ``cost_minor`` is each one's fee.

    A payout that is too large is passed over by smaller ones, until it is old: from then on what it needs is set aside,
    and younger ones get only what is more than that.
    """

    available_minor: int
    cost_minor: int
    set_aside_minor: int = 0

    def take(self, coin_minor: int) -> bool:
        """Gives so many coins, or tells that they are not there."""
        needed = coin_minor + self.cost_minor
        if needed > self.available_minor - self.set_aside_minor:
            return False
        self.available_minor -= needed
        return True

    def set_aside(self, coin_minor: int) -> None:
        """Keeps so many coins for an old payout for which they are not there yet."""
        self.set_aside_minor += coin_minor + self.cost_minor
