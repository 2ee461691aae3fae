"""Look at the lines of a mass send that has not begun: recorded first, shown then."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from wallet_core.domain.errors import InvariantViolated, Reason, Refused
from wallet_core.domain.ledger import Posting
from wallet_core.domain.mass_lines import LinesDigest, lines_heading, lines_table, look_key
from wallet_core.domain.mass_send import MassSend, MassState
from wallet_core.domain.people import Access, Caller
from wallet_core.ports import Ports
from wallet_core.use_cases.gate import if_allowed, use_case
from wallet_core.use_cases.mass_sends import check_terms, lines_of, mass_send_of

_NOT_BEGUN: Final = (MassState.PREVIEW, MassState.APPROVAL)


@dataclass(frozen=True, slots=True)
class MassLines:
    """A mass send and all of its lines, as ``domain/mass_lines`` writes them."""

    send: MassSend
    table: bytes


@use_case(Access.FINANCE)
async def look_at_mass_lines(ports: Ports, caller: Caller, mass_send_id: str) -> MassLines:
    """Every recipient and amount, once they were found to be what the digest stands for; nobody approves without it.

    That the caller looks is noted in the journal before anything is shown. Raises ``Refused``: NOT_FOUND, WRONG_STATE
    for one that began or never will; and ``InvariantViolated`` for lines that somebody changed in the database.
    """
    send = await mass_send_of(ports, mass_send_id)
    if send.state not in _NOT_BEGUN:
        raise Refused(Reason.WRONG_STATE, what=MassSend.collection, state=send.state)
    check_terms(ports, send)
    table = await _table(ports, send)
    await ports.ledger.post(_looked(ports, caller, send))
    return MassLines(send, table)


async def _table(ports: Ports, send: MassSend) -> bytes:
    parts, digest = [lines_heading()], LinesDigest()
    async for rows in lines_of(ports, send.id):
        parts.append(lines_table(rows))
        digest.add(rows)
    if digest.of(send.totals) != send.digest:
        raise InvariantViolated(f"the lines of mass send {send.id} were changed")
    return b"".join(parts)


def _looked(ports: Ports, caller: Caller, send: MassSend) -> Posting:
    return Posting(
        look_key(send.id, caller.person),
        "mass_lines_seen",
        caller.name,
        changes=(if_allowed(ports, caller.person, Access.FINANCE),),
        people=(caller.person,),
        facts={"mass_send": send.id, "digest": send.digest, "rows": send.rows},
    )
