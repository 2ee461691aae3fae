"""What the use cases that quote and confirm share: amounts as typed, balances, and a person's own intent."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from wallet_core.domain.accounts import available
from wallet_core.domain.changes import Insert
from wallet_core.domain.errors import Reason, Refused
from wallet_core.domain.intent import Intent, IntentKind
from wallet_core.domain.kyc import Operation
from wallet_core.domain.ledger import Posting
from wallet_core.domain.money import Asset, parse_amount
from wallet_core.domain.people import Caller
from wallet_core.domain.purchase import Invoice, Rail
from wallet_core.ports import Ports
from wallet_core.use_cases.balances import balance_minor


def amount_of(text: str, minimum_minor: int) -> int:
    """ITD minor units of a typed amount. Raises ``Refused`` BAD_AMOUNT or BELOW_MINIMUM."""
    amount_minor = parse_amount(text.strip(), Asset.ITD)
    if amount_minor < minimum_minor:
        raise Refused(Reason.BELOW_MINIMUM, minimum_minor=minimum_minor)
    return amount_minor


async def coin_of(ports: Ports, text: str, operation: Operation) -> Asset:
    """The coin that was named, or the dollars of a card.

    Raises ``Refused``: UNKNOWN_ASSET, or RAIL_OFF for a coin with which this cannot be done yet, PURCHASE or PAYOUT.
    """
    ready = await open_coins(ports, operation)
    try:
        asset = Asset(text.strip().upper())
    except ValueError:
        raise Refused(Reason.UNKNOWN_ASSET, assets=ready) from None
    if asset not in ready:
        raise Refused(Reason.RAIL_OFF, asset=asset, assets=ready, **await _not_yet(ports, asset, operation))
    return asset


async def checked_address(ports: Ports, asset: Asset, text: str) -> str:
    """The address in its normal form, to which coins may be sent.

    Raises ``Refused``: what ``Addresses.check`` raises, with the coin whose address it is instead, if it is one; and
    OWN_ADDRESS for one of an invoice: coins that we send to ourselves would be booked as a purchase and pay two fees.
    """
    address = _checked(ports, asset, text.strip())
    if await ports.store.count(Invoice, {"address": address}):
        raise Refused(Reason.OWN_ADDRESS)
    return address


def _checked(ports: Ports, asset: Asset, text: str) -> str:
    try:
        return ports.addresses[asset].check(text)
    except Refused as refused:
        others = (other for other in ports.addresses if other is not asset and _fits(ports, other, text))
        of_other = next(others, None) if refused.reason is Reason.BAD_ADDRESS else None
        facts = {"asset": asset, "network": ports.settings.networks[asset], "address_of": of_other}
        raise Refused(refused.reason, **{**refused.facts, **facts}) from refused


def _fits(ports: Ports, asset: Asset, text: str) -> bool:
    try:
        ports.addresses[asset].check(text)
    except Refused as refused:
        return refused.reason not in (Reason.BAD_ADDRESS, Reason.BAD_CHECKSUM)
    return True


async def _not_yet(ports: Ports, asset: Asset, operation: Operation) -> dict[str, Any]:
    """What is not open yet with a coin of this wallet; nothing where it was open before, or is another asset."""
    rail = await ports.store.get(Rail, asset)
    if asset not in ports.addresses or (rail is not None and rail.watched_through >= 0):
        return {}
    return {"operation": operation, "pays_out": rail is not None and rail.is_served}


async def open_coins(ports: Ports, operation: Operation) -> tuple[Asset, ...]:
    """The coins in which somebody pays (PAYOUT), or for which there is a watched address (PURCHASE)."""
    rails = await ports.store.find(Rail, {})
    ready = {rail.id for rail in rails if (rail.sells if operation is Operation.PURCHASE else rail.is_served)}
    # Nothing is paid out by card.
    cards = (Asset.USD,) if operation is Operation.PURCHASE else ()
    return tuple(asset for asset in (*ports.addresses, *cards) if asset in ready)


async def available_minor(ports: Ports, person: int) -> int:
    """What the person may spend, in ITD minor units."""
    return await balance_minor(ports.store, available(person))


async def check_covered(ports: Ports, person: int, total_minor: int) -> int:
    """The balance afterwards. Raises ``Refused(INSUFFICIENT_FUNDS)``; holds nothing."""
    before = await available_minor(ports, person)
    if before < total_minor:
        raise Refused(Reason.INSUFFICIENT_FUNDS, available_minor=before, needed_minor=total_minor)
    return before - total_minor


async def offer(ports: Ports, caller: Caller, intent: Intent) -> Intent:
    """Writes the intent down before its Confirm button is shown."""
    await ports.ledger.post(
        Posting(
            f"intent:{intent.id}",
            f"{intent.kind}_offered",
            caller.name,
            changes=(Insert(intent),),
            facts={"intent": intent.id},
        )
    )
    return intent


def expiry(ports: Ports, now: datetime) -> datetime:
    """Until when a card that is shown now can be confirmed."""
    return now + timedelta(seconds=ports.settings.intent_seconds)


async def own_intent(ports: Ports, caller: Caller, intent_id: str, kind: IntentKind | None = None) -> Intent:
    """The caller's intent. Raises ``Refused`` NOT_FOUND or NOT_YOURS."""
    intent = await ports.store.get(Intent, intent_id)
    if intent is None or kind not in (None, intent.kind):
        raise Refused(Reason.NOT_FOUND, what="intent")
    if intent.person != caller.person:
        raise Refused(Reason.NOT_YOURS)
    return intent
