"""What the policies are asked about in their tests."""

from datetime import timedelta
from typing import Any

from tests.unit.wallet_core.world import ADDRESS, ITD, NOON
from wallet_core.domain.money import Asset
from wallet_core.domain.policies import (
    Finding,
    PolicyFacts,
    PolicySet,
    policy_named,
)
from wallet_core.domain.policies.facts import EarlierRequest
from wallet_core.domain.purchase import RailState

DAY = "2026-11-22"
MIDNIGHT = NOON + timedelta(hours=12)
BUILT_IN = PolicySet(id=0)
TICK = timedelta(microseconds=1)
#: An enrolled person asks for 10 ITD at an address that they have used for long: nothing speaks against it.
HARMLESS = PolicyFacts(
    now=NOON,
    person=1,
    asset=Asset.ETH,
    address=ADDRESS,
    amount_minor=10 * ITD,
    total_minor=10 * ITD + ITD // 2,
    coin_minor=5 * 10**15,
    rail=RailState.RUNNING,
    enrolled_at=NOON - timedelta(days=30),
    member_since=NOON - timedelta(days=30),
    address_since=NOON - timedelta(days=30),
    day=DAY,
    day_ends_at=MIDNIGHT,
    hot_minor=10**18,
)


def facts(**fields: Any) -> PolicyFacts:
    return HARMLESS.model_copy(update=fields)


def asked(policy: str, given: PolicyFacts, **parameters: Any) -> Finding:
    """What one policy finds, with its defaults but for these parameters."""
    rule = policy_named(policy)
    assert rule is not None
    return rule.rule(given, rule.parameters(**parameters))


def paid_out(count: int, itd: int, *, level: int = 1) -> PolicyFacts:
    return facts(level=level, day_count=count, day_minor=itd * ITD)


def earlier(*ago: timedelta, itd: int = 10, is_same: bool = False) -> tuple[EarlierRequest, ...]:
    """Requests of so much, so long before noon, oldest first."""
    return tuple(
        EarlierRequest(at=NOON - one, amount_minor=itd * ITD, is_same=is_same) for one in sorted(ago, reverse=True)
    )
