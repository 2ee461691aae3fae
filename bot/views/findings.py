"""What a policy found, as admins read it: of the person, where the person's own receipt speaks to them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from bot.views.policies import Numbers, policy_sentence
from bot.views.words import Words


def finding_sentence(_: Words, policy: str, numbers: Numbers) -> str:
    """One policy's finding in words for an admin; what speaks to nobody is said as the person reads it."""
    needed, teller = _TELLERS.get(policy, ((), None))
    if teller is None or not numbers.keys() >= set(needed):
        return policy_sentence(_, policy, numbers)
    return teller(_, numbers)


def _account_age(_: Words, numbers: Numbers) -> str:
    return _(
        "The person's account is new until {frees}; until then withdrawals above {threshold} are looked at.",
        frees=_.moment(numbers["frees_at"]),
        threshold=_.amount(numbers["review_above_minor"]),
    )


def _new_address(_: Words, numbers: Numbers) -> str:
    return _(
        "The person never used this address, so the payout waits until {frees}; until then the person can cancel it.",
        frees=_.moment(numbers["frees_at"]),
    )


def _two_factor_age(_: Words, numbers: Numbers) -> str:
    return _(
        "The person's authenticator was paired a short while ago, so the payout waits until {frees}; until then the "
        "person can cancel it.",
        frees=_.moment(numbers["frees_at"]),
    )


def _look_alike(_: Words, numbers: Numbers) -> str:
    return _(
        "This address begins and ends like {known}, which the person used before, but it is another one: {address}. "
        "Swindlers send dust from such addresses, to be copied by mistake. Compare every character, and ask the person "
        "which one they mean.",
        known=_.code(numbers["similar_address"]),
        address=_.code(numbers["address"]),
    )


def _duplicate(_: Words, numbers: Numbers) -> str:
    return _(
        "The person asked for the same amount to the same address at {earlier}. It may be a mistake. From {frees} the "
        "same again needs no look.",
        earlier=_.moment(numbers["earlier_at"]),
        frees=_.moment(numbers["frees_at"]),
    )


def _paused_chain(_: Words, numbers: Numbers) -> str:
    if numbers.get("rail") == "closed":
        return _("Withdrawals in this coin are closed at the moment.")
    return _("Payouts in this coin are paused; this one waits in the queue until they go on.")


#: The numbers that a sentence cannot do without, and the sentence.
_TELLERS: Final[Mapping[str, tuple[tuple[str, ...], Callable[[Words, Numbers], str]]]] = {
    "account_age": (("frees_at", "review_above_minor"), _account_age),
    "new_address": (("frees_at",), _new_address),
    "two_factor_age": (("frees_at",), _two_factor_age),
    "look_alike_address": (("similar_address", "address"), _look_alike),
    "duplicate_request": (("earlier_at", "frees_at"), _duplicate),
    "paused_chain": ((), _paused_chain),
}
