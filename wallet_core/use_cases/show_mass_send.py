"""Show mass sends to the admins: what would be done, how far it is, what became of each line."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Final

from wallet_core.domain.approval import Approval
from wallet_core.domain.mass_send import MassSend
from wallet_core.domain.people import Access, Caller
from wallet_core.ports import Ports
from wallet_core.use_cases.gate import use_case

PAGE_SIZE: Final = 5


@dataclass(frozen=True, slots=True)
class MassView:
    """A mass send, what was asked about it, and what the caller may do now."""

    send: MassSend
    approval: Approval | None
    is_payer: bool
    #: The payer or an owner: stop, resume, cancel.
    may_steer: bool


@dataclass(frozen=True, slots=True)
class MassPage:
    """A page, the newest first, and whether another follows."""

    number: int
    sends: list[MassSend]
    has_more: bool


@use_case(Access.FINANCE)
async def show_mass_send(ports: Ports, caller: Caller, mass_send_id: str) -> MassView:
    """One mass send, of whichever admin. Raises ``Refused(NOT_FOUND)``."""
    raise NotImplementedError


@use_case(Access.FINANCE)
async def show_mass_sends(ports: Ports, caller: Caller, page: int = 1) -> MassPage:
    """Those of all admins, five at a time; ``page`` counts from 1."""
    raise NotImplementedError


@use_case(Access.FINANCE)
async def mass_send_result(ports: Ports, caller: Caller, mass_send_id: str) -> AsyncIterator[bytes]:
    """A CSV with each line's outcome so far, in UTF-8, a piece at a time: the file's columns, and ``outcome``
    (paid, returned, refused, waiting, under way), ``reason``, ``payout``, ``txid``. Raises ``Refused(NOT_FOUND)``.
    """
    raise NotImplementedError
