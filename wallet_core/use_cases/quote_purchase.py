"""Offer ITD for a coin at the present rate."""

from __future__ import annotations

from dataclasses import dataclass

from wallet_core.domain.intent import Intent, IntentKind
from wallet_core.domain.kyc import Operation
from wallet_core.domain.people import Access, Caller
from wallet_core.domain.quote import coins_for, share
from wallet_core.ports import Ports
from wallet_core.use_cases.codes import new_id
from wallet_core.use_cases.gate import admit, use_case
from wallet_core.use_cases.intents import amount_of, coin_of, expiry, offer
from wallet_core.use_cases.limits import Remaining, check_limit, today


@dataclass(frozen=True, slots=True)
class PurchaseQuote:
    """The offer, and what would be left of today's limit."""

    intent: Intent
    remaining: Remaining


@use_case(Access.ENROLLED)
async def quote_purchase(ports: Ports, caller: Caller, amount_text: str, asset_text: str) -> PurchaseQuote:
    """What so much ITD costs now, fee included. Raises ``Refused`` for the amount, the coin, the limit or the rate."""
    amount_minor = amount_of(amount_text, ports.settings.itd("min_purchase"))
    asset, _ = await coin_of(ports, asset_text, Operation.PURCHASE)
    when = await today(ports)
    left = check_limit(await admit(ports, caller, Access.ENROLLED), Operation.PURCHASE, amount_minor, when)
    rate = await ports.rates.rate(asset)
    fee_minor = share(amount_minor, ports.settings.purchase_fee_basis_points)
    intent = Intent(
        id=new_id(),
        person=caller.person,
        kind=IntentKind.PURCHASE,
        created_at=when.now,
        expires_at=expiry(ports, when.now),
        amount_minor=amount_minor,
        fee_minor=fee_minor,
        asset=asset,
        coin_minor=coins_for(amount_minor + fee_minor, rate.itd_minor, asset),
        rate_minor=rate.itd_minor,
        rate_source=rate.source,
    )
    return PurchaseQuote(await offer(ports, caller, intent), left)
