"""Put an address on the screening list, or take it off."""

from __future__ import annotations

from typing import Final

from wallet_core.domain.errors import Reason, Refused
from wallet_core.domain.kyc import Operation
from wallet_core.domain.ledger import Posting
from wallet_core.domain.people import Access, Caller
from wallet_core.domain.screening import Screen, ScreenedAddress, screening_id
from wallet_core.ports import Ports
from wallet_core.use_cases.codes import new_id, post_with_code
from wallet_core.use_cases.gate import if_allowed, if_trusted, use_case
from wallet_core.use_cases.intents import checked_address, coin_of

_WHY_LENGTH: Final = 200


@use_case(Access.FINANCE)
async def screen_address(  # noqa: PLR0917 - one for each word of the command
    ports: Ports, caller: Caller, asset_text: str, address_text: str, why: str, listed: bool, code: str
) -> ScreenedAddress:
    """With ``listed`` nothing is paid to the address any more, also of what is queued; without it is paid again.

    Takes the admin's own code. Raises ``Refused``: the coin's, the address's, NOT_FOUND for one to be taken off that is
    not on the list, and the code's.
    """
    asset = await coin_of(ports, asset_text, Operation.PAYOUT)
    address = await checked_address(ports, asset, address_text)
    entry_id = screening_id(asset, address)
    before = await ports.store.get(ScreenedAddress, entry_id)
    if not listed and not (before and before.listed):
        raise Refused(Reason.NOT_FOUND, what="screened address")
    now, who = await ports.store.now(), (ports, caller.person, Access.FINANCE)
    # Whoever is frozen still stops payouts, and lets none go on.
    may = (if_allowed(*who),) if listed else if_trusted(*who)
    entry = ScreenedAddress(
        id=entry_id, asset=asset, address=address, listed=listed, why=why[:_WHY_LENGTH], by=caller.person, at=now
    )
    posting = Posting(
        f"screening:{new_id()}",
        "screening_changed",
        caller.name,
        changes=(*may, Screen(entry)),
        people=(caller.person,),
        facts={"asset": asset, "address": address, "listed": listed, "why": entry.why},
    )
    await post_with_code(ports, caller, code, posting)
    return entry
