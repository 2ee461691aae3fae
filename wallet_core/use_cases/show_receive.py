"""Show how others pay the caller."""

from __future__ import annotations

from dataclasses import dataclass

from wallet_core.domain.people import Access, Caller, Person
from wallet_core.ports import Ports
from wallet_core.use_cases.gate import use_case
from wallet_core.use_cases.pay_links import pay_parameter


@dataclass(frozen=True, slots=True)
class ReceiveSheet:
    """The caller's id and profile, and the parameter of their own link."""

    person: int
    name: str
    username: str | None
    parameter: str


@use_case(Access.ENROLLED)
async def show_receive(ports: Ports, caller: Caller) -> ReceiveSheet:
    """Always the same link: it can be printed."""
    known = await ports.store.get(Person, caller.person)
    name, username = (known.display_name, known.username) if known else (str(caller.person), None)
    return ReceiveSheet(caller.person, name, username, pay_parameter(ports, caller.person))
