"""Offer ITD for a coin at the present rate."""

from __future__ import annotations

from dataclasses import dataclass

from wallet_core.domain.card import LEAST_CHARGE_MINOR
from wallet_core.domain.chain import TRANSFER_GAS, WEI_PER_GWEI
from wallet_core.domain.errors import Reason, Refused
from wallet_core.domain.guards import Guards
from wallet_core.domain.intent import Intent, IntentKind
from wallet_core.domain.kyc import Operation, purchases_with
from wallet_core.domain.mode import Doing
from wallet_core.domain.money import Asset, ceil_div
from wallet_core.domain.people import Access, Caller
from wallet_core.domain.quote import coins_for, itd_worth, share
from wallet_core.domain.transaction_size import INPUT_WEIGHT, least_minor
from wallet_core.ports import Ports
from wallet_core.use_cases.codes import new_id
from wallet_core.use_cases.gate import admit, use_case
from wallet_core.use_cases.intents import amount_of, coin_of, expiry, offer
from wallet_core.use_cases.limits import LimitsToday, Remaining, limits_today
from wallet_core.use_cases.switchboard import refuse_shut


@dataclass(frozen=True, slots=True)
class PurchaseQuote:
    """The offer, and what would be left of today's limit."""

    intent: Intent
    remaining: Remaining


@use_case(Access.ENROLLED)
async def quote_purchase(ports: Ports, caller: Caller, amount_text: str, asset_text: str) -> PurchaseQuote:
    """What so much ITD costs now, fee included.

    Raises ``Refused`` for the amount, the coin, a limit or the rate, LEVELS_UNSOUND, and DISPUTED for a card while
    another payment by card is disputed.
    """
    amount_minor = amount_of(amount_text, ports.settings.itd("min_purchase"))
    asset = await coin_of(ports, asset_text, Operation.PURCHASE)
    await refuse_shut(ports, Doing.PURCHASE)
    limits = await limits_today(ports)
    guards = await admit(ports, caller, Access.ENROLLED)
    if asset is Asset.USD and guards.disputes:
        raise Refused(Reason.DISPUTED)
    left = _check_limits(limits, guards, asset, amount_minor)
    rate = await ports.rates.rate(asset)
    _refuse_dust(ports, asset, amount_minor, rate.purchase_minor)
    fee_minor = share(amount_minor, ports.settings.purchase_fee_basis_points)
    intent = Intent(
        id=new_id(),
        person=caller.person,
        kind=IntentKind.PURCHASE,
        created_at=limits.when.now,
        expires_at=expiry(ports, limits.when.now),
        amount_minor=amount_minor,
        fee_minor=fee_minor,
        asset=asset,
        coin_minor=coins_for(amount_minor + fee_minor, rate.purchase_minor, asset),
        rate_minor=rate.purchase_minor,
        rate_source=rate.source,
        rate_at=rate.at,
    )
    return PurchaseQuote(await offer(ports, caller, intent), left)


def _refuse_dust(ports: Ports, asset: Asset, amount_minor: int, rate_minor: int) -> None:
    """Raises ``Refused(BELOW_MINIMUM)`` for what would be worth less than an output that nodes pass on and its move.

    A payment lies at an address of its own until it is moved to a wallet of ours, at the most that a move may cost; one
    by card is no less than what the card company takes.
    """
    least = LEAST_CHARGE_MINOR if asset is Asset.USD else least_minor(asset) + _moving_minor(ports, asset)
    minimum_minor = itd_worth(least, rate_minor, asset)
    if amount_minor < minimum_minor:
        raise Refused(Reason.BELOW_MINIMUM, minimum_minor=minimum_minor)


def _moving_minor(ports: Ports, asset: Asset) -> int:
    price_minor = ports.settings.sweep(asset).max_fee_rate
    return price_minor * (TRANSFER_GAS * WEI_PER_GWEI if asset is Asset.ETH else ceil_div(INPUT_WEIGHT, 4))


def _check_limits(limits: LimitsToday, guards: Guards, asset: Asset, amount_minor: int) -> Remaining:
    """What would be left of what is allowed today, in all and paid in this way."""
    left = [limits.check(guards, operation, amount_minor) for operation in purchases_with(asset)]
    return Remaining(min(each.count for each in left), min(each.amount_minor for each in left))
