"""Show what people pay, what the networks take, and what is left of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from wallet_core.domain.accounts import Account
from wallet_core.domain.money import Asset
from wallet_core.domain.payout import Attempt, Batch, BatchState
from wallet_core.domain.people import Access, Caller
from wallet_core.ports import Ports
from wallet_core.use_cases.balances import balance_minor
from wallet_core.use_cases.gate import use_case

_OUT: Final = (BatchState.BROADCAST, BatchState.CONFIRMED, BatchState.SETTLED)


@dataclass(frozen=True, slots=True)
class ChainFees:
    """A chain's fees: two in ITD minor units, the rest in the coin's."""

    asset: Asset
    withdrawal_minor: int
    refund_minor: int
    #: What the newest attempt that is out offers for a virtual byte or a unit of gas, and since when; 0: none yet.
    price_minor: int
    priced_at: datetime | None
    #: What the network took of all batches and sweeps, by the books.
    network_minor: int


@dataclass(frozen=True, slots=True)
class FeesView:
    """The settings, and the house's accounts in ITD minor units."""

    now: datetime
    send_minor: int
    purchase_basis_points: int
    spread_basis_points: int
    income_minor: int
    rounding_minor: int
    chains: list[ChainFees]


@use_case(Access.SUPPORT)
async def show_fees(ports: Ports, caller: Caller) -> FeesView:
    """As they are set now; the books since the beginning."""
    settings, store = ports.settings, ports.store
    return FeesView(
        now=await store.now(),
        send_minor=settings.itd("send_fee"),
        purchase_basis_points=settings.purchase_fee_basis_points,
        spread_basis_points=settings.rate_spread_basis_points,
        income_minor=await balance_minor(store, Account(Asset.ITD, "income:fees")),
        rounding_minor=await balance_minor(store, Account(Asset.ITD, "income:rounding")),
        chains=[await _chain(ports, asset) for asset in sorted(ports.addresses)],
    )


async def _chain(ports: Ports, asset: Asset) -> ChainFees:
    newest = await _newest(ports, asset)
    return ChainFees(
        asset=asset,
        withdrawal_minor=ports.settings.withdrawal_fee_minor(asset),
        refund_minor=ports.settings.refund_fee_minor(asset),
        price_minor=newest.price_minor if newest else 0,
        priced_at=newest.created_at if newest else None,
        network_minor=await balance_minor(ports.store, Account(asset, "expense:network")),
    )


async def _newest(ports: Ports, asset: Asset) -> Attempt | None:
    """The newest attempt of the newest batch that is out: what the network took, or is to take, last."""
    newest: list[Batch] = []
    for state in _OUT:
        of_state = {"asset": asset, "state": state}
        newest += await ports.store.find(Batch, of_state, order_by=("-created_at",), limit=1)
    made = [(batch.created_at, batch.id) for batch in newest if batch.created_at is not None]
    if not made:
        return None
    _, last = max(made)
    attempts = await ports.store.find(Attempt, {"batch": last}, order_by=("-number",), limit=1)
    return attempts[0] if attempts else None
