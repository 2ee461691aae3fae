"""Failures on request: the next calls of the API fail, are slow, or are done and their answer is lost."""

import asyncio
from dataclasses import dataclass, replace

from bot.sandbox.stripe.errors import ApiError


@dataclass(frozen=True)
class Fault:
    """The next `times` calls such as ``POST /v1/refunds`` (``*``: any) are answered with `status`.

    `applied`: they are carried out all the same. `wait_seconds`: the answer comes late; with status 200 as usual.
    """

    call: str
    status: int
    times: int = 1
    applied: bool = False
    wait_seconds: float = 0


class Faults:
    """What is still to come, the oldest first."""

    def __init__(self) -> None:
        self.pending: list[Fault] = []

    def take(self, call: str) -> Fault | None:
        """The fault of this call, counted down."""
        for place, fault in enumerate(self.pending):
            if fault.call in ("*", call):
                left = replace(fault, times=fault.times - 1)
                self.pending[place : place + 1] = [left] if left.times else []
                return fault
        return None


async def suffer(fault: Fault | None, *, applied: bool) -> None:
    """Waits, and raises `ApiError` with the fault's status, when this is the side of the work on which it strikes."""
    if fault is None or fault.applied != applied:
        return
    await asyncio.sleep(fault.wait_seconds)
    if fault.status != 200:
        raise ApiError(fault.status, "The sandbox was ordered to fail here.", kind="api_error")
