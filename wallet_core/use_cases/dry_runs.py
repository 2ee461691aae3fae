"""What a set of policies would have said of past requests, for whoever drafts one and whoever is asked to agree."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from wallet_core.domain.errors import Reason, Refused
from wallet_core.domain.intent import Intent, IntentState
from wallet_core.domain.judged import JudgedRequest
from wallet_core.domain.payout import PayoutState, Withdrawal
from wallet_core.domain.policies import Decision, PolicySet, Stage, Verdict, decide
from wallet_core.ports import Between, Ports

#: The longest range, and how many of the requests that differ are named; all are counted.
LONGEST: Final = timedelta(days=92)
ROWS: Final = 20


@dataclass(frozen=True, slots=True)
class DryRow:
    """One request that would have come out differently."""

    request: JudgedRequest
    now: Decision


@dataclass(frozen=True, slots=True)
class DryRun:
    """What a set would have said of the requests of a range (its start included, its end not).

    ``rows`` are the first with another verdict, then those that only wait otherwise. ``verdicts`` counts all by what
    was decided and what would be; ``without_facts`` those from before facts were stored, of which nothing can be said.
    """

    policy_set: PolicySet
    is_draft: bool
    start: datetime
    end: datetime
    judged: int
    differing: int
    verdicts: Mapping[tuple[Verdict, Verdict], int]
    rows: tuple[DryRow, ...]
    without_facts: int


async def dry_run_of(
    ports: Ports, policy_set: PolicySet, start: datetime, end: datetime, *, is_draft: bool = False
) -> DryRun:
    """Judges every request of the range anew, by the facts of then. Raises ``Refused(RANGE_TOO_LONG)`` above
    ``LONGEST``, and ``InvariantViolated`` for a set that does not fit this program.
    """
    if end - start > LONGEST:
        raise Refused(Reason.RANGE_TOO_LONG, days=LONGEST.days)
    verdicts, others, waits, differing = Counter[tuple[Verdict, Verdict]](), list[DryRow](), list[DryRow](), 0
    async for documents in ports.store.batches(JudgedRequest, {"at": Between(start, end)}, order_by=("at", "_id")):
        for request in map(JudgedRequest.of, documents):
            now = judge_anew(request, policy_set)
            verdicts[request.decision.verdict, now.verdict] += 1
            if outcome(now) != outcome(request.decision):
                differing += 1
                rows = waits if now.verdict is request.decision.verdict else others
                rows += [DryRow(request, now)] if len(rows) < ROWS else []
    return DryRun(
        policy_set=policy_set,
        is_draft=is_draft,
        start=start,
        end=end,
        judged=verdicts.total(),
        differing=differing,
        verdicts=verdicts,
        rows=(*others, *waits)[:ROWS],
        without_facts=await _without_facts(ports, start, end),
    )


def judge_anew(request: JudgedRequest, policy_set: PolicySet) -> Decision:
    """What a set says of the facts that were stored with a request."""
    return decide(Stage[request.stage], request.facts, policy_set)


def outcome(decision: Decision) -> tuple[Verdict, datetime | None]:
    """What a person notices of a decision: the verdict, and until when an approved payout waits."""
    verdict = decision.verdict
    return verdict, decision.not_before if verdict is not Verdict.REFUSE else None


async def _without_facts(ports: Ports, start: datetime, end: datetime) -> int:
    old: dict[str, Any] = {"created_at": Between(start, end), "decision.policy_set": None}
    held = await ports.store.count(Withdrawal, {"state": tuple(PayoutState), **old})
    return held + await ports.store.count(Intent, {"state": IntentState.REFUSED, **old})
