"""How a mass send is stopped, resumed and cancelled: by a move of its state, and nothing else."""

from __future__ import annotations

from typing import Any

from wallet_core.domain.changes import Move
from wallet_core.domain.guards import ChangeGuards
from wallet_core.domain.ledger import Posting
from wallet_core.domain.mass_send import MassSend, MassState
from wallet_core.domain.people import Access, Caller
from wallet_core.domain.record import Change
from wallet_core.ports import Ports
from wallet_core.use_cases.codes import new_id
from wallet_core.use_cases.gate import if_allowed


def steered_to(send: MassSend, before: MassState, after: MassState, **fields: Any) -> Move:
    """The move, once, unless its rest was given up."""
    return Move(MassSend, send.id, frozenset({before}), after, fields, {"given_up": False})


def steers(ports: Ports, caller: Caller, send: MassSend) -> ChangeGuards:
    """Refuses with NOT_ALLOWED unless the caller is its payer and still of finance, or still an owner."""
    return if_allowed(ports, caller.person, Access.FINANCE if caller.person == send.person else Access.OWNER)


def steering(ports: Ports, caller: Caller, send: MassSend, kind: str, *changes: Change) -> Posting:
    """Its card follows by the worker, which alone knows how far it is."""
    return Posting(
        f"{kind}:{send.id}:{new_id()}",
        kind,
        caller.name,
        changes=(steers(ports, caller, send), *changes),
        people=tuple(dict.fromkeys((send.person, caller.person))),
        facts={"mass_send": send.id},
    )
