"""The programmed policies that every withdrawal passes: small pure functions, each with a name and a version.

To add one: write a file beside this one with one function ``(PolicyFacts, parameters) -> Finding`` and its parameters,
and add one line to ``POLICIES``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import Flag, IntEnum, auto
from typing import Any, Final

from pydantic import ValidationError

from wallet_core.domain.errors import InvariantViolated
from wallet_core.domain.payout import Withdrawal
from wallet_core.domain.policies.account_age import AccountAge, account_age
from wallet_core.domain.policies.address_screening import address_screening
from wallet_core.domain.policies.amount_threshold import AmountThreshold, amount_threshold
from wallet_core.domain.policies.card_money import card_money
from wallet_core.domain.policies.daily_limit import daily_limit
from wallet_core.domain.policies.decision import Decision, Finding, NoParameters, Parameters, Traced, Verdict
from wallet_core.domain.policies.duplicate_request import DuplicateRequest, duplicate_request
from wallet_core.domain.policies.facts import PolicyFacts
from wallet_core.domain.policies.frozen_person import frozen_person
from wallet_core.domain.policies.hot_wallet_share import HotWalletShare, hot_wallet_share
from wallet_core.domain.policies.look_alike_address import LookAlikeAddress, look_alike_address
from wallet_core.domain.policies.new_address import NewAddress, new_address
from wallet_core.domain.policies.owed_money import owed_money
from wallet_core.domain.policies.paused_chain import paused_chain
from wallet_core.domain.policies.policy_set import PolicyEntry, PolicySet
from wallet_core.domain.policies.recovery_wait import recovery_wait
from wallet_core.domain.policies.two_factor_age import TwoFactorAge, two_factor_age
from wallet_core.domain.policies.velocity import Velocity, velocity


class Stage(Flag):
    """When a policy is asked."""

    #: A person asks for a withdrawal.
    REQUEST = auto()
    #: It is about to be paid. What the request settled for good is not asked again: limits are not taken twice.
    BATCHING = auto()
    #: A refund is asked for, or about to be paid: an admin decided its amount, and no ITD leaves.
    REFUND = auto()
    #: A payout of a mass send is made, or about to be paid: a second admin approved addresses and amounts.
    MASS_SEND = auto()
    #: The same of one that its payer started alone: as with a withdrawal, a thief might have.
    MASS_SEND_ALONE = auto()


class Concern(IntEnum):
    """What a policy's objection is about, the widest first: a mass send stops for the first, and goes on for others."""

    #: The person who pays: nothing of theirs may be paid out now.
    PERSON = 1
    #: The chain: what goes over it waits.
    CHAIN = 2
    #: The one address.
    ADDRESS = 3


_ALWAYS: Final = Stage.REQUEST | Stage.BATCHING | Stage.REFUND | Stage.MASS_SEND | Stage.MASS_SEND_ALONE
_REQUEST: Final = Stage.REQUEST
_OWN_MONEY: Final = Stage.REQUEST | Stage.BATCHING | Stage.MASS_SEND_ALONE


@dataclass(frozen=True, slots=True)
class Policy:
    """A rule with its version, what can be set of it, and when it is asked."""

    rule: Callable[[PolicyFacts, Any], Finding]
    version: int
    at: Stage
    parameters: type[Parameters] = NoParameters
    #: Whether the ledger demands the same of the posting, so that switching the rule off would only make it surprising.
    is_demanded: bool = False
    concern: Concern = Concern.PERSON

    @property
    def name(self) -> str:
        """What it is called, in sets, traces and texts."""
        return self.rule.__name__

    def ask(self, facts: PolicyFacts, parameters: Parameters) -> Traced:
        """Its finding."""
        return Traced.of(self.name, self.version, self.rule(facts, parameters))

    def parameters_of(self, entry: PolicyEntry) -> Parameters:
        """What a set says of it, and its defaults. Raises ``InvariantViolated`` for what does not fit."""
        try:
            return self.parameters.model_validate(entry.parameters)
        except ValidationError as error:
            raise InvariantViolated(f"policy {self.name} has parameters that do not fit") from error


#: The rules, in the order in which a person is told of them unless a set has another one.
POLICIES: Final[list[Policy]] = [
    Policy(frozen_person, 2, _ALWAYS, is_demanded=True),
    Policy(owed_money, 1, _ALWAYS, is_demanded=True),
    Policy(address_screening, 1, _ALWAYS, concern=Concern.ADDRESS),
    Policy(recovery_wait, 1, _ALWAYS),
    Policy(two_factor_age, 1, _OWN_MONEY, TwoFactorAge),
    Policy(paused_chain, 1, _ALWAYS, concern=Concern.CHAIN),
    Policy(daily_limit, 1, _REQUEST, is_demanded=True),
    Policy(velocity, 2, _REQUEST, Velocity),
    Policy(card_money, 1, _REQUEST, is_demanded=True),
    Policy(amount_threshold, 1, _REQUEST, AmountThreshold),
    Policy(account_age, 1, _REQUEST, AccountAge),
    Policy(hot_wallet_share, 1, _REQUEST, HotWalletShare),
    Policy(look_alike_address, 2, _REQUEST, LookAlikeAddress),
    Policy(duplicate_request, 1, _REQUEST, DuplicateRequest),
    Policy(new_address, 1, _OWN_MONEY | Stage.REFUND, NewAddress),
]


def policy_named(name: str) -> Policy | None:
    """The policy of this name, if there is one."""
    return next((policy for policy in POLICIES if policy.name == name), None)


def in_order(policy_set: PolicySet) -> Iterator[Policy]:
    """All policies in the set's order; those that it does not name come last, as they stand in ``POLICIES``.

    Raises ``InvariantViolated`` when it names one that this program does not have: an older program cannot judge by a
    newer one's set.
    """
    named = [entry.policy for entry in policy_set.entries]
    for name in named:
        policy = policy_named(name)
        if policy is None:
            raise InvariantViolated(f"policy set {policy_set.id} names {name}, which this program does not have")
        yield policy
    yield from (policy for policy in POLICIES if policy.name not in named)


def check_set(policy_set: PolicySet) -> None:
    """Raises ``InvariantViolated`` unless this program has all policies of the set and knows their parameters, and none
    is off that must not be.
    """
    for policy in in_order(policy_set):
        entry = policy_set.entry(policy.name)
        policy.parameters_of(entry)
        if policy.is_demanded and not entry.enabled:
            raise InvariantViolated(f"policy set {policy_set.id} switches {policy.name} off, which the ledger demands")


def asked_at(stage: Stage, policy_set: PolicySet) -> list[tuple[Policy, Parameters]]:
    """The enabled policies of a stage in their order, with what the set says of each.

    Raises ``InvariantViolated`` for a set that does not fit this program.
    """
    entries = ((policy, policy_set.entry(policy.name)) for policy in in_order(policy_set) if stage in policy.at)
    return [(policy, policy.parameters_of(entry)) for policy, entry in entries if entry.enabled]


def decide(stage: Stage, facts: PolicyFacts, policy_set: PolicySet) -> Decision:
    """What the enabled policies of a stage find, with the whole trace. Raises ``InvariantViolated`` for a set that does
    not fit this program.
    """
    return _decided(asked_at(stage, policy_set), facts, policy_set)


def _decided(asked: Iterable[tuple[Policy, Parameters]], facts: PolicyFacts, policy_set: PolicySet) -> Decision:
    return Decision(trace=tuple(policy.ask(facts, said) for policy, said in asked), policy_set=policy_set.id)


def decide_request(facts: PolicyFacts, policy_set: PolicySet) -> Decision:
    """What becomes of a request: the strictest verdict of all policies, with the whole trace."""
    return decide(Stage.REQUEST, facts, policy_set)


def decide_batching(facts: PolicyFacts, policy_set: PolicySet) -> Decision:
    """Whether a queued payout may be batched now: the same policies without those that the request settled."""
    return decide(Stage.BATCHING, facts, policy_set)


def decide_refund(facts: PolicyFacts, policy_set: PolicySet) -> Decision:
    """What becomes of a refund, when it is asked for and when it is batched."""
    return decide(Stage.REFUND, facts, policy_set)


def decide_mass_send(facts: PolicyFacts, policy_set: PolicySet, *, approved: bool) -> Decision:
    """What becomes of one payout of a mass send, when it is made and when it is batched.

    ``approved``: by a second admin, who looked at its address.
    """
    return decide(Stage.MASS_SEND if approved else Stage.MASS_SEND_ALONE, facts, policy_set)


def objection(decision: Decision) -> tuple[Concern, Traced] | None:
    """What keeps a payout from being made, the widest concern first; None where nothing does."""
    against = [(_concern(traced), traced) for traced in decision.trace if traced.verdict is not Verdict.APPROVE]
    return min(against, key=lambda found: found[0], default=None)


def _concern(traced: Traced) -> Concern:
    policy = policy_named(traced.policy)
    return policy.concern if policy else Concern.PERSON


def _stage_of(payout: Withdrawal) -> Stage:
    if payout.case:
        return Stage.REFUND
    if payout.mass_send:
        # Another admin than its payer has looked at it, or nobody has.
        return Stage.MASS_SEND if payout.reviewed_by is not None else Stage.MASS_SEND_ALONE
    return Stage.BATCHING


class Judge:
    """One set that decides about many queued payouts, and is read once for each stage."""

    def __init__(self, policy_set: PolicySet) -> None:
        self._set = policy_set
        self._asked: dict[Stage, list[tuple[Policy, Parameters]]] = {}

    def decide_queued(self, payout: Withdrawal, facts: PolicyFacts) -> Decision:
        """Whether this payout may be batched now, by what it is: a refund, part of a mass send, or a withdrawal.

        Raises ``InvariantViolated`` for a set that does not fit this program.
        """
        stage = _stage_of(payout)
        if stage not in self._asked:
            self._asked[stage] = asked_at(stage, self._set)
        return _decided(self._asked[stage], facts, self._set)


__all__ = [
    "POLICIES",
    "Concern",
    "Decision",
    "Finding",
    "Judge",
    "Policy",
    "PolicyEntry",
    "PolicyFacts",
    "PolicySet",
    "Stage",
    "Verdict",
    "asked_at",
    "check_set",
    "decide",
    "decide_batching",
    "decide_mass_send",
    "decide_refund",
    "decide_request",
    "in_order",
    "objection",
    "policy_named",
]
