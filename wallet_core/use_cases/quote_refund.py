"""Offer to send the coins of a case back to an address of the person's."""

from __future__ import annotations

from dataclasses import dataclass

from wallet_core.domain.case import Case
from wallet_core.domain.intent import Intent, IntentKind
from wallet_core.domain.people import Access, Caller
from wallet_core.domain.policies import Decision, decide_refund
from wallet_core.domain.quote import itd_for
from wallet_core.ports import Ports
from wallet_core.use_cases.codes import new_id
from wallet_core.use_cases.gate import use_case
from wallet_core.use_cases.intents import checked_address, expiry, offer
from wallet_core.use_cases.policy_facts import Asked, policy_facts
from wallet_core.use_cases.policy_sets import active_set
from wallet_core.use_cases.quote_withdrawal import refuse_by_policy
from wallet_core.use_cases.refunds import refundable_case, withheld_minor


@dataclass(frozen=True, slots=True)
class RefundQuote:
    """The offer, and what the policies would say of it now."""

    intent: Intent
    decision: Decision


@use_case(Access.ENROLLED)
async def quote_refund(ports: Ports, caller: Caller, case_id: str, address_text: str) -> RefundQuote:
    """Checks address and policies before asking, and holds nothing.

    Raises ``Refused``: NOT_FOUND, NOT_YOURS, WRONG_STATE when no address is asked for, POLICY, POLICIES_UNSOUND, and
    what is wrong with the address, the rate or the amount.
    """
    case = await refundable_case(ports, caller, case_id)
    address = await checked_address(ports, case.asset, address_text)
    rate = await ports.rates.rate(case.asset)
    withheld = await withheld_minor(ports, case)
    worth_minor = max(1, itd_for(case.coin_minor - withheld, rate.itd_minor, case.asset))
    intent = await _intent(ports, case, worth_minor, address, withheld)
    decision = decide_refund(await policy_facts(ports, Asked.of(intent)), await active_set(ports))
    refuse_by_policy(decision)
    priced = intent.model_copy(update={"rate_minor": rate.itd_minor, "rate_source": rate.source, "rate_at": rate.at})
    sealed = priced.model_copy(update={"mac": ports.vault.mac(priced.terms())})
    return RefundQuote(await offer(ports, caller, sealed), decision)


async def _intent(ports: Ports, case: Case, worth_minor: int, address: str, withheld: int) -> Intent:
    now = await ports.store.now()
    return Intent(
        id=new_id(),
        person=case.person,
        kind=IntentKind.REFUND,
        created_at=now,
        expires_at=expiry(ports, now),
        amount_minor=worth_minor,
        fee_minor=0,
        asset=case.asset,
        coin_minor=case.coin_minor - withheld,
        address=address,
        case=case.id,
        withheld_minor=withheld,
    )
