"""What the policies say of lines to addresses, with as many questions for a thousand as for one."""

from __future__ import annotations

from collections.abc import Sequence

from wallet_core.domain.mass_row import MassRow, payout_id
from wallet_core.domain.mass_send import MassSend
from wallet_core.domain.money import Asset
from wallet_core.domain.policies import Decision, decide_mass_send
from wallet_core.ports import Ports
from wallet_core.use_cases.policy_facts import Asked, facts_of
from wallet_core.use_cases.policy_sets import active_set


async def piece_decisions(ports: Ports, send: MassSend, rows: Sequence[MassRow]) -> dict[int, Decision]:
    """The decision about each line to an address, by line.

    Who may pay at all, and to where, is asked; where no second admin approved, waits as well: whether one did is sealed
    in the start, and ``check_authority`` has looked at it. Raises ``Refused``
    RAIL_OFF for a rail that is gone, or POLICIES_UNSOUND.
    """
    by_asset: dict[Asset, dict[int, Asked]] = {}
    for row in rows:
        if row.address is not None:
            by_asset.setdefault(row.asset, {})[row.line] = _asked(send, row, row.address)
    if not by_asset:
        return {}
    policy_set, decisions = await active_set(ports), dict[int, Decision]()
    for asset, asked in by_asset.items():
        facts = await facts_of(ports, asset, asked.values())
        decisions |= {
            line: decide_mass_send(facts[one.id], policy_set, approved=send.approval is not None)
            for line, one in asked.items()
        }
    return decisions


def _asked(send: MassSend, row: MassRow, address: str) -> Asked:
    return Asked(
        id=payout_id(send.id, row.line),
        person=send.person,
        asset=row.asset,
        address=address,
        amount_minor=row.itd_minor,
        total_minor=row.cost_minor,
        coin_minor=row.amount_minor,
    )
