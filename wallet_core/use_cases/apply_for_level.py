"""Apply for the next level, or go on with the application that was begun."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Final

from wallet_core.domain.changes import Insert
from wallet_core.domain.errors import Reason, Refused
from wallet_core.domain.kyc import level_set
from wallet_core.domain.kyc_application import PARTS, KycApplication, application_id, key_bound_to
from wallet_core.domain.ledger import Posting
from wallet_core.domain.people import Access, Caller
from wallet_core.ports import Ports
from wallet_core.use_cases.gate import admit, use_case
from wallet_core.use_cases.kyc_applications import application_of, latest_of, running_of

_KEY_BYTES: Final = 32


@use_case(Access.ENROLLED)
async def apply_for_level(ports: Ports, caller: Caller) -> KycApplication:
    """The person's one running application; a new one where there is none, with a key of its own for its documents.

    Raises ``Refused`` HIGHEST_LEVEL, or KYC_WAIT with ``until`` for some time after a refusal.
    """
    # Counted before it is asked what runs: whoever begins in between takes the number, and there is never a second.
    number = await ports.store.count(KycApplication, {"person": caller.person}) + 1
    running = await running_of(ports, caller.person)
    if running is not None:
        return running
    level = (await admit(ports, caller, Access.ENROLLED)).level
    if level + 1 not in PARTS:
        raise Refused(Reason.HIGHEST_LEVEL, level=level)
    await _check_wait(ports, caller)
    application = await _new(ports, application_id(caller.person, number), caller.person, level + 1)
    await ports.ledger.post(
        Posting(
            f"kyc_begun:{application.id}",
            "kyc_begun",
            caller.name,
            changes=(level_set(caller.person, level, level), Insert(application, stamp="opened_at")),
            people=(caller.person,),
            facts={"application": application.id, "level": level + 1},
        )
    )
    return await application_of(ports, application.id)


async def _check_wait(ports: Ports, caller: Caller) -> None:
    latest = await latest_of(ports, caller.person)
    if latest and latest.again_from and latest.again_from > await ports.store.now():
        raise Refused(Reason.KYC_WAIT, until=latest.again_from, why=latest.reason)


async def _new(ports: Ports, application: str, person: int, level: int) -> KycApplication:
    key = ports.vault.seal(secrets.token_bytes(_KEY_BYTES), bound_to=key_bound_to(application, person))
    expires_at = await ports.store.now() + timedelta(days=ports.settings.kyc_unfinished_days)
    return KycApplication(id=application, person=person, level=level, key=key, expires_at=expires_at)
