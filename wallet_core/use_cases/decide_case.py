"""Decide about a case: once, whoever else decides at the same moment."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from wallet_core.domain.case import CHOICES, UNDECIDED, Case, CaseChoice
from wallet_core.domain.errors import AlreadyDone, Reason, Refused
from wallet_core.domain.guards import ChangeGuards
from wallet_core.domain.people import Access, Caller
from wallet_core.ports import Ports
from wallet_core.use_cases.case_outcomes import outcome
from wallet_core.use_cases.cases import case_of
from wallet_core.use_cases.codes import accepted_code, use_code_up
from wallet_core.use_cases.gate import use_case

#: How often something else may happen to the invoice or the person first.
_TRIES: Final = 5
_LIMITS: Final = (Reason.LIMIT_COUNT, Reason.LIMIT_AMOUNT)


@use_case(Access.FINANCE)
async def decide_case(ports: Ports, caller: Caller, case_id: str, choice: CaseChoice, *, seen: int, code: str) -> Case:
    """Carries out the choice with the admin's own code; ``seen`` is how many decisions the admin knew of.

    Raises ``AlreadyDone`` with the case when somebody decided meanwhile, or when it is over, and ``Refused``:
    NOT_FOUND, NOT_ALLOWED for one's own case, WRONG_STATE for what this kind of case does not offer, RATE_UNAVAILABLE,
    BELOW_MINIMUM for coins that are not worth sending back, or what is wrong with the code.
    """
    case = await case_of(ports, case_id)
    if case.person == caller.person:
        raise Refused(Reason.NOT_ALLOWED)
    if case.decisions != seen or case.state not in UNDECIDED:
        raise AlreadyDone(case)
    if choice not in CHOICES[case.kind]:
        raise Refused(Reason.WRONG_STATE, what=Case.collection, state=case.state)
    # What cannot be carried out anyhow costs no code.
    await outcome(ports, caller, case, choice)
    consume = await accepted_code(ports, caller, code)
    try:
        return await _carry_out(ports, caller, case, choice, consume)
    except (AlreadyDone, Refused) as error:
        if not isinstance(error, Refused) or error.reason is not Reason.CODE_USED:
            await use_code_up(ports, caller, consume)
        raise


async def _carry_out(ports: Ports, caller: Caller, case: Case, choice: CaseChoice, consume: ChangeGuards) -> Case:
    """Tries again when it was the invoice or the person that changed, and not the case."""
    for _ in range(_TRIES):
        try:
            await _post(ports, caller, case, choice, consume)
        except Refused as refused:
            if refused.reason not in (Reason.CHANGED_MEANWHILE, Reason.WRONG_STATE):
                raise
            present = await case_of(ports, case.id)
            if (present.decisions, present.state) != (case.decisions, case.state):
                raise AlreadyDone(present) from refused
        else:
            return await case_of(ports, case.id)
    raise Refused(Reason.CHANGED_MEANWHILE, what=Case.collection)


async def _post(ports: Ports, caller: Caller, case: Case, choice: CaseChoice, consume: ChangeGuards) -> None:
    postings = await outcome(ports, caller, case, choice)
    for last, posting in enumerate(postings, 1):
        try:
            await ports.ledger.post(replace(posting, changes=(consume, *posting.changes)))
        except Refused as refused:
            # What the day's limit does not cover is held by the next one.
            if refused.reason not in _LIMITS or last == len(postings):
                raise
        else:
            return
