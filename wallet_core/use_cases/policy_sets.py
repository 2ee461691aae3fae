"""The set of policies that counts now, and proof that nobody but an owner put it there."""

from __future__ import annotations

from typing import Any

from wallet_core.domain.errors import InvariantViolated, Reason, Refused
from wallet_core.domain.journal import JournalRecord
from wallet_core.domain.policies import POLICIES, PolicyEntry, PolicySet, check_set
from wallet_core.domain.policies.policy_set import BUILT_IN
from wallet_core.ports import Ports
from wallet_core.settings import Settings
from wallet_core.use_cases.admins import tell_owners


def switch_key(number: int) -> str:
    """The journal's key of the posting that switched a set on: kept for ever, so that a set cannot vanish unseen."""
    return f"policy_set:{number}"


def built_in_set(settings: Settings) -> PolicySet:
    """The set that counts until one is stored: every policy, with what the settings say."""
    given: dict[str, dict[str, Any]] = {
        "two_factor_age": {"wait_seconds": settings.two_factor_wait_seconds},
        "amount_threshold": {"review_above_minor": settings.itd("review_above")},
        "account_age": {
            "young_seconds": settings.account_young_seconds,
            "review_above_minor": settings.itd("review_young_above"),
        },
        "hot_wallet_share": {"share_percent": settings.review_hot_share_percent},
        "duplicate_request": {"within_seconds": settings.duplicate_within_seconds},
        "new_address": {"wait_seconds": settings.new_address_wait_seconds},
    }
    entries = (PolicyEntry(policy=policy.name, parameters=given.get(policy.name, {})) for policy in POLICIES)
    return PolicySet(id=BUILT_IN, entries=tuple(entries))


async def active_set(ports: Ports) -> PolicySet:
    """The set that counts now.

    Raises ``Refused(POLICIES_UNSOUND)``, after the owners were told (once a day), when its seal does not fit, when the
    journal knows a later one that is gone, or when it names what this program does not have.
    """
    stored = await _newest(ports)
    later = switch_key((stored.id if stored else BUILT_IN) + 1)
    # It may have been switched on between the two reads.
    if await ports.store.get(JournalRecord, later) and (again := await _newest(ports)) == stored:
        raise await _unsound(
            ports, f"the set of {later} is gone; number {again.id if again else BUILT_IN} is the newest"
        )
    if stored is None:
        return built_in_set(ports.settings)
    return await sound_set(ports, stored)


async def sound_set(ports: Ports, stored: PolicySet) -> PolicySet:
    """The set, if its seal fits and this program understands it. Raises ``Refused(POLICIES_UNSOUND)``."""
    if not ports.vault.mac_fits(stored.terms(), stored.mac):
        raise await _unsound(ports, f"set {stored.id} was changed in the database")
    try:
        check_set(stored)
    except InvariantViolated as violation:
        raise await _unsound(ports, str(violation)) from violation
    return stored


async def _newest(ports: Ports) -> PolicySet | None:
    found = await ports.store.find(PolicySet, {}, order_by=("-_id",), limit=1)
    return found[0] if found else None


async def _unsound(ports: Ports, what: str) -> Refused:
    """Tells the owners, once a day for each finding: nothing is asked for and nothing is paid until it is put right."""
    await tell_owners(ports, "policies_unsound", what, by="policies")
    return Refused(Reason.POLICIES_UNSOUND)
