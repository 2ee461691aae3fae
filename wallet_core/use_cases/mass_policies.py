"""What the policies say of lines to addresses, with as many questions for a thousand as for one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from wallet_core.domain.errors import Reason, Refused
from wallet_core.domain.guards import Guards
from wallet_core.domain.mass_row import MassRow
from wallet_core.domain.mass_send import MassSend
from wallet_core.domain.money import Asset
from wallet_core.domain.payout import Withdrawal
from wallet_core.domain.policies import Decision, PolicyFacts, decide_refund
from wallet_core.domain.purchase import Rail, RailState
from wallet_core.ports import Ports
from wallet_core.use_cases.limits import today
from wallet_core.use_cases.policy_facts import SERIOUS


async def piece_decisions(ports: Ports, send: MassSend, rows: Sequence[MassRow]) -> dict[int, Decision]:
    """The decision about each line to an address, by line. Raises ``Refused(RAIL_OFF)`` for a rail that is gone."""
    to_addresses = [row for row in rows if row.address is not None]
    if not to_addresses:
        return {}
    when = await today(ports)
    guards = await ports.store.get(Guards, send.person) or Guards(id=send.person)
    rails = {rail.id: rail.state for rail in await ports.store.find(Rail, {})}
    known = await _known_since(ports, send.person, to_addresses)
    decisions = {}
    for row in to_addresses:
        facts = PolicyFacts(
            now=when.now,
            guards=guards,
            amount_minor=row.itd_minor,
            rail=_state(rails, row.asset),
            address_since=known.get(row.address or ""),
            day=when.day,
            day_ends_at=when.ends_at,
            review_above_minor=ports.settings.itd("review_above"),
            new_address_wait_seconds=ports.settings.new_address_wait_seconds,
        )
        # Amounts and counts were two admins' to approve; who may pay at all, and to where, is asked as of a refund.
        decisions[row.line] = decide_refund(facts)
    return decisions


def _state(rails: Mapping[Asset, RailState], asset: Asset) -> RailState:
    if asset not in rails:
        raise Refused(Reason.RAIL_OFF, asset=asset, assets=())
    return rails[asset]


async def _known_since(ports: Ports, person: int, rows: Sequence[MassRow]) -> dict[str, datetime]:
    """When the payer first asked for each of the addresses."""
    addresses = tuple({row.address for row in rows if row.address})
    earlier = {"person": person, "asset": tuple({r.asset for r in rows}), "address": addresses, "state": SERIOUS}
    first: dict[str, datetime] = {}
    async for page in ports.store.batches(Withdrawal, earlier, order_by=("created_at",)):
        for document in page:
            first.setdefault(document["address"], document["created_at"])
    return first
