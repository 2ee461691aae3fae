"""Suggest what could be posted while somebody types ``@bot 5 ITD``. Nothing is held, taken or counted."""

from __future__ import annotations

from wallet_core.domain.debt import refuse_owing
from wallet_core.domain.inline_offer import InlineOffer
from wallet_core.domain.kyc import Operation
from wallet_core.domain.mode import Doing
from wallet_core.domain.note import note_of
from wallet_core.domain.people import Access, Caller
from wallet_core.domain.two_factor import takes_code
from wallet_core.ports import Ports
from wallet_core.use_cases.codes import new_id
from wallet_core.use_cases.gate import admit, use_case
from wallet_core.use_cases.intents import amount_of, check_covered, expiry
from wallet_core.use_cases.limits import limits_today
from wallet_core.use_cases.switchboard import refuse_shut


@use_case(Access.ENROLLED)
async def suggest_offer(ports: Ports, caller: Caller, amount_text: str, note: str = "") -> InlineOffer:
    """An offer to whoever is first. Raises ``Refused`` for the amount, the note, the limit, the balance, or a debt."""
    await refuse_shut(ports, Doing.SEND)
    amount_minor = amount_of(amount_text, ports.settings.itd("min_send"))
    written, fee_minor = note_of(note), ports.settings.itd("send_fee")
    guards, limits = await admit(ports, caller, Access.ENROLLED), await limits_today(ports)
    refuse_owing(guards)
    limits.check(guards, Operation.SEND, amount_minor)
    await check_covered(ports, caller.person, amount_minor + fee_minor)
    offer = InlineOffer(
        id=new_id(),
        person=caller.person,
        amount_minor=amount_minor,
        fee_minor=fee_minor,
        note=written,
        takes_code=takes_code(guards, amount_minor, ports.settings.itd("send_totp_above"), limits.when.now),
        expires_at=expiry(ports, limits.when.now),
    )
    sealed = offer.model_copy(update={"mac": ports.vault.mac(offer.terms())})
    await ports.store.put(sealed)
    return sealed
