"""The one gate: nobody does anything before two-factor authentication is enabled, and admins only what their role has.

Every use case carries ``@use_case(access)``; a test walks them all. The bot asks ``admit`` before a handler runs, so
that a person who has not enrolled is told so at once, but what protects the money is the decorator here.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Coroutine
from typing import Any, Concatenate, ParamSpec, TypeVar

from wallet_core.domain.errors import Reason, Refused
from wallet_core.domain.guards import ChangeGuards, Guards, if_role_reaches, unless_frozen
from wallet_core.domain.people import Access, Caller, access_of
from wallet_core.domain.record import Change
from wallet_core.ports import Ports
from wallet_core.use_cases.admins import role_of
from wallet_core.use_cases.refusals import record_refusal

P = ParamSpec("P")
T = TypeVar("T")
UseCase = Callable[Concatenate[Ports, Caller, P], Coroutine[Any, Any, T]]


async def admit(ports: Ports, caller: Caller, access: Access) -> Guards:
    """Lets the caller in and returns their guards. Raises ``Refused`` ENROL_FIRST or NOT_ALLOWED.

    Their role is in the guards only if it is sealed: see ``admins.role_of``.
    """
    guards = await ports.store.get(Guards, caller.person) or Guards(id=caller.person)
    if guards.role is not None:
        guards = guards.model_copy(update={"role": await role_of(ports, guards)})
    if access is Access.ANYONE:
        return guards
    if not guards.enrolled:
        raise Refused(Reason.ENROL_FIRST)
    if access_of(guards.role) < access:
        raise Refused(Reason.NOT_ALLOWED)
    return guards


async def admit_to(ports: Ports, caller: Caller, access: Access, what: str) -> Guards:
    """As ``admit``; who tried what only an admin may do is written down: see ``record_refusal``."""
    try:
        return await admit(ports, caller, access)
    except Refused as refused:
        await record_refusal(ports, caller, access, what, refused.reason)
        raise


def if_allowed(ports: Ports, person: int, access: Access) -> ChangeGuards:
    """Among a posting's changes: refuses with NOT_ALLOWED unless the person's sealed role still reaches so far."""
    return if_role_reaches(person, access, ports.vault.mac_fits)


def if_trusted(ports: Ports, person: int, access: Access) -> tuple[Change, ...]:
    """The same for what lets money or levels go on: with FROZEN it refuses an admin whose wallet is frozen as well.

    Whoever froze it, the person or another admin, may know that device and account are in somebody else's hands.
    """
    return if_allowed(ports, person, access), unless_frozen(person)


def use_case(access: Access) -> Callable[[UseCase[P, T]], UseCase[P, T]]:
    """Marks a function as a use case that demands this access of its caller, and enforces it."""

    def decorate(function: UseCase[P, T]) -> UseCase[P, T]:
        @functools.wraps(function)
        async def guarded(ports: Ports, caller: Caller, /, *args: P.args, **kwargs: P.kwargs) -> T:
            try:
                await admit(ports, caller, access)
                return await function(ports, caller, *args, **kwargs)
            except Refused as refused:
                await record_refusal(ports, caller, access, function.__name__, refused.reason)
                raise

        guarded.access = access  # type: ignore[attr-defined]  # read by the test that walks all use cases
        return guarded

    return decorate


def operator_only(function: Callable[P, Coroutine[Any, Any, T]]) -> Callable[P, Coroutine[Any, Any, T]]:
    """Marks what only an operator on the server's own command line can do; no chat reaches it."""
    function.access = None  # type: ignore[attr-defined]  # read by the test that walks all use cases
    return function
