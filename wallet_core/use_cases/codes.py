"""How every use case takes a person's 6-digit code: one attempt, counted before the code is looked at."""

from __future__ import annotations

import dataclasses
import secrets
from collections.abc import Awaitable, Callable
from typing import Final

from wallet_core.domain.card_lots import CHANGED
from wallet_core.domain.errors import Reason, Refused
from wallet_core.domain.freezing import BENEATH
from wallet_core.domain.guards import REQUESTS, ChangeGuards, Guards
from wallet_core.domain.kyc import DAY, LEVELS_READ
from wallet_core.domain.ledger import Message, Posting, Receipt
from wallet_core.domain.mass_alone import MASS_STARTS
from wallet_core.domain.payment_request import PAID
from wallet_core.domain.people import OWNERS, Caller
from wallet_core.domain.two_factor import FREE_TRIES, TRIES_IN_ALL, consume_step, take_attempt
from wallet_core.ports import Ports

_TRIES: Final = 20
#: What decisions rest on that may move in between: then they are made again.
_READ: Final = frozenset({BENEATH, CHANGED, MASS_STARTS, PAID, REQUESTS, DAY, LEVELS_READ, OWNERS})
#: What decides about the other side of a send: where it changed, the money is held for them instead.
_THEIRS: Final = frozenset({Reason.RECIPIENT_LIMIT, Reason.RECIPIENT_NOT_ENROLLED})


def new_id() -> str:
    """A random id that nobody can guess: 128 bits."""
    return secrets.token_hex(16)


def secret_bound_to(person: int) -> str:
    """What a person's TOTP secret is sealed to, so that it cannot be moved to another account."""
    return f"totp:{person}"


def outbox_bound_to(person: int) -> str:
    """What a secret in a message is sealed to."""
    return f"outbox:{person}"


async def new_recovery_codes(ports: Ports, person: int) -> tuple[dict[str, str], Message]:
    """The hashes of new recovery codes, and the sealed message in which the person reads them once."""
    codes, hashes = await ports.recovery_codes.make()
    sealed = ports.vault.seal("\n".join(codes).encode(), bound_to=outbox_bound_to(person))
    return hashes, Message(person, "recovery_codes", sealed=sealed)


async def take_code_attempt(ports: Ports, caller: Caller, *, with_recovery_code: bool = False) -> None:
    """Commits one attempt. Raises ``Refused`` CODE_LOCKED or REENROL."""
    attempt = take_attempt(caller.person, with_recovery_code=with_recovery_code)
    await ports.ledger.post(
        Posting(f"code_attempt:{new_id()}", "code_attempted", caller.name, changes=(attempt,), facts={})
    )


async def matching_step(ports: Ports, caller: Caller, sealed_secret: bytes, code: str) -> int:
    """The time step of a right code. Raises ``Refused(WRONG_CODE)`` with the tries that are left before a pause."""
    secret = ports.vault.open(sealed_secret, bound_to=secret_bound_to(caller.person)).decode()
    step = ports.totp.step_of(secret, code, await ports.store.now())
    if step is not None:
        return step
    guards = await ports.store.get(Guards, caller.person)
    failures = guards.failures if guards else 0
    await _tell_of_lockout(ports, caller, guards)
    raise Refused(
        Reason.WRONG_CODE, tries_left=max(0, FREE_TRIES - failures), until=guards.locked_until if guards else None
    )


async def _tell_of_lockout(ports: Ports, caller: Caller, guards: Guards | None) -> None:
    """Told when a row of wrong codes first leads to a pause, and when no code is taken any more; once each."""
    if guards is None or not guards.enrolled:
        return
    is_over = guards.failures_in_all >= TRIES_IN_ALL
    if guards.failures != FREE_TRIES and not is_over:
        return
    until = guards.locked_until.isoformat() if guards.locked_until else ""
    posting = Posting(
        f"codes_locked:{caller.person}:{until}",
        "codes_locked",
        caller.name,
        messages=(Message(caller.person, "codes_locked", {"until": guards.locked_until, "is_over": is_over}),),
        people=(caller.person,),
    )
    await ports.ledger.post(posting)


async def accepted_code(ports: Ports, caller: Caller, code: str) -> ChangeGuards:
    """Takes an attempt and looks at the code; returns the guard that uses it up. Raises ``Refused`` for a wrong one."""
    await take_code_attempt(ports, caller)
    guards = await ports.store.get(Guards, caller.person)
    if guards is None or guards.secret is None:
        raise Refused(Reason.ENROL_FIRST)
    step = await matching_step(ports, caller, guards.secret, code)
    return consume_step(caller.person, guards.secret, step)


async def post_with_code(ports: Ports, caller: Caller, code: str, posting: Posting) -> Receipt:
    """Posts with the caller's code as one of the guards; a refused posting uses the code up all the same.

    Raises ``Refused`` for the code (WRONG_CODE, CODE_USED, CODE_LOCKED, REENROL) and for whatever the posting demands.
    """
    return await post_consuming(ports, caller, await accepted_code(ports, caller, code), posting)


async def post_consuming(ports: Ports, caller: Caller, consume: ChangeGuards, posting: Posting) -> Receipt:
    """Posts with an accepted code as one of the guards; see ``post_with_code``."""

    async def decided() -> Posting:
        return posting

    return await post_decided(ports, caller, consume, decided)


async def post_decided(
    ports: Ports, caller: Caller, consume: ChangeGuards, decide: Callable[[], Awaitable[Posting]]
) -> Receipt:
    """The same with a posting that is decided on what is read now; when that changes in between, it is decided anew."""
    try:
        return await post_anew(ports, consume, decide)
    except Refused as refused:
        if refused.reason is not Reason.CODE_USED:
            await use_code_up(ports, caller, consume)
        raise


async def post_anew(ports: Ports, guard: ChangeGuards, decide: Callable[[], Awaitable[Posting]]) -> Receipt:
    """Posts what is decided with one more guard, a few times while what it was decided on moves in between."""
    for last in (*(False,) * (_TRIES - 1), True):
        posting = await decide()
        try:
            return await ports.ledger.post(dataclasses.replace(posting, changes=(guard, *posting.changes)))
        except Refused as refused:
            if last or not _has_moved(refused):
                raise
    raise AssertionError("the last try ends it")


def _has_moved(refused: Refused) -> bool:
    read = refused.reason is Reason.CHANGED_MEANWHILE and refused.facts.get("what") in _READ
    return read or refused.reason in _THEIRS


async def use_code_up(ports: Ports, caller: Caller, consume: ChangeGuards) -> None:
    """An accepted code is spent, although nothing came of it."""
    await ports.ledger.post(Posting(f"code_used:{new_id()}", "code_used_up", caller.name, changes=(consume,)))
