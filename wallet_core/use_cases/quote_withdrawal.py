"""Offer to pay ITD out in a coin, at a fixed rate and fee."""

from __future__ import annotations

from dataclasses import dataclass

from wallet_core.domain.errors import Reason, Refused
from wallet_core.domain.intent import Intent, IntentKind
from wallet_core.domain.kyc import Operation
from wallet_core.domain.mode import Doing
from wallet_core.domain.money import Asset
from wallet_core.domain.people import Access, Caller
from wallet_core.domain.policies import Decision, PolicyFacts, Verdict, decide_request
from wallet_core.domain.quote import coins_out, itd_worth
from wallet_core.domain.transaction_size import least_minor
from wallet_core.ports import Ports
from wallet_core.use_cases.codes import new_id
from wallet_core.use_cases.gate import use_case
from wallet_core.use_cases.intents import amount_of, check_covered, checked_address, coin_of, expiry, offer
from wallet_core.use_cases.limits import Remaining, limits_today
from wallet_core.use_cases.policy_facts import Asked, request_facts
from wallet_core.use_cases.policy_sets import active_set
from wallet_core.use_cases.switchboard import refuse_shut


@dataclass(frozen=True, slots=True)
class WithdrawalQuote:
    """The offer, what the policies would say of it now, and what would be left."""

    intent: Intent
    balance_after_minor: int
    remaining: Remaining
    decision: Decision


@use_case(Access.ENROLLED)
async def quote_withdrawal(
    ports: Ports, caller: Caller, amount_text: str, asset_text: str, address_text: str
) -> WithdrawalQuote:
    """Checks address, policies and balance before asking, and holds nothing.

    Raises ``Refused`` for the amount, the coin, the address, the balance or the rate, POLICY with the finding,
    POLICIES_UNSOUND and LEVELS_UNSOUND.
    """
    amount_minor = amount_of(amount_text, ports.settings.itd("min_withdrawal"))
    asset = await coin_of(ports, asset_text, Operation.PAYOUT)
    address = await checked_address(ports, asset, address_text)
    intent = await _intent(ports, caller, amount_minor, asset, address)
    facts = await request_facts(ports, Asked.of(intent), await limits_today(ports))
    decision = decide_request(facts, await active_set(ports))
    refuse_by_policy(decision)
    await refuse_shut(ports, Doing.WITHDRAWAL, asset)
    after_minor = await check_covered(ports, caller.person, intent.total_minor)
    rest = _left(facts)
    return WithdrawalQuote(await offer(ports, caller, intent), after_minor, rest, decision)


def _left(facts: PolicyFacts) -> Remaining:
    limit = facts.levels.limit(facts.level, Operation.PAYOUT)
    return Remaining(limit.count - facts.day_count - 1, limit.amount_minor - facts.day_minor - facts.amount_minor)


async def _intent(ports: Ports, caller: Caller, amount_minor: int, asset: Asset, address: str) -> Intent:
    rate = await ports.rates.rate(asset)
    coin_minor = coins_out(amount_minor, rate.withdrawal_minor, asset)
    least = least_minor(asset)
    if coin_minor < least:
        raise Refused(Reason.BELOW_MINIMUM, minimum_minor=itd_worth(least, rate.withdrawal_minor, asset))
    now = await ports.store.now()
    intent = Intent(
        id=new_id(),
        person=caller.person,
        kind=IntentKind.WITHDRAWAL,
        created_at=now,
        expires_at=expiry(ports, now),
        amount_minor=amount_minor,
        fee_minor=ports.settings.withdrawal_fee_minor(asset),
        asset=asset,
        coin_minor=coin_minor,
        rate_minor=rate.withdrawal_minor,
        rate_source=rate.source,
        rate_at=rate.at,
        address=address,
    )
    return intent.model_copy(update={"mac": ports.vault.mac(intent.terms())})


def refuse_by_policy(decision: Decision) -> None:
    """Raises ``Refused(POLICY)`` with the finding that the person is told, when the decision is to refuse."""
    told = decision.told
    if decision.verdict is Verdict.REFUSE and told is not None:
        raise Refused(Reason.POLICY, policy=told.policy, numbers=told.numbers)
