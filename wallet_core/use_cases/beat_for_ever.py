"""A process tells, now and then, that it lives and how its parts are."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping

import structlog

from wallet_core.domain.errors import Unavailable
from wallet_core.domain.health import PULSE_SECONDS, Pulse, program_version
from wallet_core.ports import Store
from wallet_core.use_cases.gate import operator_only

log = structlog.get_logger(__name__)

Parts = Callable[[], Awaitable[Mapping[str, str]]]
Turns = Callable[[], Mapping[str, float]]


@operator_only
async def beat_for_ever(store: Store, kind: str, name: str, parts: Parts, turns: Turns = dict) -> None:
    """Until it is cancelled. A database that is away for a while is no reason to stop."""
    started_at, version = None, program_version()
    while True:
        try:
            now = await store.now()
            started_at = started_at or now
            pulse = Pulse(
                id=f"{kind} {name}",
                kind=kind,
                version=version,
                started_at=started_at,
                at=now,
                parts=dict(await parts()),
                turns=dict(turns()),
            )
            await store.put(pulse)
        except Unavailable as error:
            log.debug("pulse_not_told", error=str(error))
        await asyncio.sleep(PULSE_SECONDS)
