"""What was judged: each request with the facts that the policies saw and what they said, for looking at it again."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from wallet_core.domain.changes import Insert
from wallet_core.domain.policies import Decision, PolicyFacts, Stage
from wallet_core.domain.record import Record


class JudgedRequest(Record):
    """One request, also a refused one. ``id`` is its intent's, for a mass send its payout's."""

    collection: ClassVar[str] = "judged_requests"

    id: str
    person: int
    #: The name of the ``Stage`` at which it was judged.
    stage: str
    at: datetime
    facts: PolicyFacts
    decision: Decision


def judged(request_id: str, stage: Stage, facts: PolicyFacts, decision: Decision) -> Insert:
    """Keeps what was seen and said, with the request itself in one posting."""
    name = stage.name or ""
    return Insert(
        JudgedRequest(id=request_id, person=facts.person, stage=name, at=facts.now, facts=facts, decision=decision)
    )
