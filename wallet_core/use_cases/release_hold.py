"""The end of a hold of which something is left: voided, or expired."""

from __future__ import annotations

from wallet_core.domain.errors import InvariantViolated
from wallet_core.domain.hold import Hold, HoldState, ReleaseHold
from wallet_core.domain.ledger import Message, Posting
from wallet_core.domain.movements import hold_released


def release_posting(hold: Hold, to_state: HoldState, by: str, *, told: bool = True) -> Posting:
    """One key for all its ends, so that it comes back once. ``told``: its person hears of it by a message of its own.

    Raises ``InvariantViolated`` for a state that is no such end.
    """
    if to_state not in (HoldState.VOIDED, HoldState.EXPIRED):
        raise InvariantViolated(f"hold {hold.id} cannot be released as {to_state}")
    message = Message(hold.person, "hold_released", {"amount_minor": hold.left_minor, "id": hold.id})
    return Posting(
        f"{hold.id}:release",
        "hold_released",
        by,
        entries=hold_released(hold.person, hold.left_minor),
        changes=(ReleaseHold(hold.id, hold.left_minor, to_state),),
        messages=(message,) if told else (),
        facts={"hold": hold.id},
    )
