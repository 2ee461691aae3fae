"""What a policy's finding says: the rule, its numbers, and when it frees."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from bot.views.words import Words
from wallet_core.domain.errors import Reason
from wallet_core.domain.kyc import Operation

Numbers = Mapping[str, Any]


def policy_sentence(_: Words, policy: str, numbers: Numbers) -> str:
    """One policy's finding in words; a policy without own words is named."""
    teller = _TELLERS.get(policy)
    return teller(_, numbers) if teller else _("The rule “{policy}” applies.", policy=policy)


def limit_sentence(_: Words, numbers: Numbers) -> str:
    """Used and allowed, when it frees, and what the next level has."""
    if "limit_count" not in numbers:
        return _("That is more than your daily limit.")
    return " ".join(part for part in (_reached(_, numbers), _next_level(_, numbers)) if part)


def operation_name(_: Words, operation: str) -> str:
    """What a limit counts, in the plural."""
    names = {
        Operation.SEND: _("sends"),
        Operation.RECEIVE: _("receipts"),
        Operation.PURCHASE: _("purchases"),
        Operation.PAYOUT: _("payouts"),
        Operation.CARD: _("card purchases"),
    }
    return names[Operation(operation)]


def _reached(_: Words, numbers: Numbers) -> str:
    by_count = numbers.get("reason") == Reason.LIMIT_COUNT or numbers["used_count"] >= numbers["limit_count"]
    frees, common = _.moment(numbers["frees_at"]), {"operation": operation_name(_, numbers["operation"])}
    if by_count:
        return _(
            "Daily limit: {operation} today {used} of {limit} at level {level}, next at {frees}.",
            used=numbers["used_count"],
            limit=numbers["limit_count"],
            level=numbers["level"],
            frees=frees,
            **common,
        )
    return _(
        "Daily limit: {operation} today {used} of {limit} at level {level}, which leaves {left}; more at {frees}.",
        used=_.amount(numbers["used_minor"]),
        limit=_.amount(numbers["limit_minor"]),
        left=_.amount(max(0, numbers["limit_minor"] - numbers["used_minor"])),
        level=numbers["level"],
        frees=frees,
        **common,
    )


def _next_level(_: Words, numbers: Numbers) -> str:
    if numbers.get("next_level_count") is None:
        return ""
    return _(
        "Level {level} has {count} a day and {amount}.",
        level=numbers["level"] + 1,
        count=numbers["next_level_count"],
        amount=_.amount(numbers["next_level_minor"]),
    )


def _frozen(_: Words, numbers: Numbers) -> str:
    return _("Your wallet is frozen, so nothing leaves it.")


def owed_sentence(_: Words, numbers: Numbers) -> str:
    """What is owed, or that it is not decided yet, and what ends it."""
    if numbers.get("debt_minor"):
        return _(
            "A payment of yours was taken back after it had been spent, so {amount} is owed. Nothing leaves your "
            "wallet until that is paid; whatever you buy or receive pays it first.",
            amount=_.amount(numbers["debt_minor"]),
        )
    return _(
        "A card payment of yours is disputed at the bank. Nothing leaves your wallet, and no card is taken, until that "
        "is decided. If the dispute is a mistake, tell your bank so."
    )


def _recovery_wait(_: Words, numbers: Numbers) -> str:
    if "frees_at" not in numbers:
        return _("After a recovery code was used, withdrawals wait.")
    return _(
        "A recovery code was used, so withdrawals wait until {frees}. Everything else works.",
        frees=_.moment(numbers["frees_at"]),
    )


def _paused_chain(_: Words, numbers: Numbers) -> str:
    if numbers.get("rail") == "closed":
        return _("Withdrawals in this coin are closed at the moment.")
    return _("Payouts in this coin are paused; yours waits in the queue until they go on.")


def _amount_threshold(_: Words, numbers: Numbers) -> str:
    if "review_above_minor" not in numbers:
        return _("An admin looks at large withdrawals before they are paid.")
    return _(
        "Withdrawals above {threshold} are looked at by an admin before they are paid.",
        threshold=_.amount(numbers["review_above_minor"]),
    )


def _new_address(_: Words, numbers: Numbers) -> str:
    if "frees_at" not in numbers:
        return _("A new address waits before the first payout to it.")
    return _(
        "This address is new, so the payout waits until {frees}; until then you can cancel it.",
        frees=_.moment(numbers["frees_at"]),
    )


_TELLERS: Final[Mapping[str, Callable[[Words, Numbers], str]]] = {
    "frozen_person": _frozen,
    "owed_money": owed_sentence,
    "recovery_wait": _recovery_wait,
    "paused_chain": _paused_chain,
    "daily_limit": limit_sentence,
    "amount_threshold": _amount_threshold,
    "new_address": _new_address,
}
