"""What a payout's MAC covers: the terms that a person confirmed, whoever writes into the database afterwards."""

from __future__ import annotations

import json
from typing import Any, Protocol

from wallet_core.domain.money import Asset


class _Terms(Protocol):
    """What an intent and the payout that comes of it have in common."""

    @property
    def id(self) -> Any: ...
    @property
    def person(self) -> int: ...
    @property
    def asset(self) -> Asset | None: ...
    @property
    def address(self) -> str | None: ...
    @property
    def coin_minor(self) -> int: ...
    @property
    def amount_minor(self) -> int: ...
    @property
    def fee_minor(self) -> int: ...
    @property
    def rate_minor(self) -> int: ...
    @property
    def case(self) -> str | None: ...
    @property
    def withheld_minor(self) -> int: ...


def payout_terms(of: _Terms) -> bytes:
    """Who gets how much of what at which address for how much ITD, under which id; sealed by a MAC from the card on.

    A refund's name its case and the coins withheld, so that none passes for a withdrawal, and no withdrawal for one.
    """
    terms = [of.id, of.person, of.asset, of.address, of.coin_minor, of.amount_minor, of.fee_minor, of.rate_minor]
    return json.dumps([*terms, of.case, of.withheld_minor] if of.case is not None else terms).encode()
