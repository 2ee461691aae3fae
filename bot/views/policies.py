"""What a policy's finding says: the rule, its numbers, and when it frees."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from bot.views.freezes import frozen_sentence
from bot.views.words import Html, Words
from wallet_core.domain.errors import Reason
from wallet_core.domain.kyc import Operation

Numbers = Mapping[str, Any]


def policy_sentence(_: Words, policy: str, numbers: Numbers) -> str:
    """One policy's finding in words; a policy without own words is named."""
    teller, (needed, plain) = _TELLERS.get(policy), _PLAIN.get(policy, ("", ""))
    if teller is None:
        return _("The rule “{policy}” applies.", policy=policy)
    return _(plain) if needed and needed not in numbers else teller(_, numbers)


def named_rule(_: Words, policy: str, numbers: Numbers) -> str:
    """The finding after the rule's name, so that it can be asked about."""
    sentence = policy_sentence(_, policy, numbers)
    return _("Rule “{rule}”: {sentence}", rule=rule_name(_, policy), sentence=sentence)


def because(_: Words, facts: Numbers) -> list[str]:
    """The rules that sent a withdrawal to review, as reviewers are told of them."""
    if "policy" not in facts:
        return []
    also = (finding["policy"] for finding in facts.get("also") or ())
    return [_("Because of: {rules}", rules=", ".join(rule_name(_, rule) for rule in (facts["policy"], *also)))]


def rule_name(_: Words, policy: str) -> Html:
    """What people call a policy; one without a name as the sets call it."""
    names: dict[str, Html] = {
        "frozen_person": _("frozen wallet"),
        "owed_money": _("owed money"),
        "address_screening": _("screened address"),
        "recovery_wait": _("wait after a recovery code"),
        "two_factor_age": _("wait after pairing"),
        "paused_chain": _("paused coin"),
        "daily_limit": _("daily limit"),
        "velocity": _("pace of withdrawals"),
        "card_money": _("money paid by card"),
        "amount_threshold": _("large amount"),
        "account_age": _("new account"),
        "hot_wallet_share": _("large part of what is ready"),
        "look_alike_address": _("look-alike address"),
        "duplicate_request": _("same request again"),
        "new_address": _("new address"),
    }
    return names.get(policy) or _.ltr(policy)


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
        Operation.PURCHASE_BTC: _("purchases with BTC"),
        Operation.PURCHASE_ETH: _("purchases with ETH"),
        Operation.PURCHASE_LTC: _("purchases with LTC"),
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
    return frozen_sentence(_, {**numbers, "until": numbers["frees_at"]})


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
    return _(
        "A recovery code was used, so withdrawals wait until {frees}. Everything else works.",
        frees=_.moment(numbers["frees_at"]),
    )


def _paused_chain(_: Words, numbers: Numbers) -> str:
    if numbers.get("rail") == "closed":
        return _("Withdrawals in this coin are closed at the moment.")
    return _("Payouts in this coin are paused; yours waits in the queue until they go on.")


def _amount_threshold(_: Words, numbers: Numbers) -> str:
    return _(
        "Withdrawals above {threshold} are looked at by an admin before they are paid.",
        threshold=_.amount(numbers["review_above_minor"]),
    )


def _new_address(_: Words, numbers: Numbers) -> str:
    return _(
        "This address is new, so the payout waits until {frees}; until then you can cancel it.",
        frees=_.moment(numbers["frees_at"]),
    )


def _screened(_: Words, numbers: Numbers) -> str:
    # Why it stands there is the admins' affair.
    return _(
        "This address is on the list of addresses to which this wallet pays nothing. Please give another one. If you "
        "think that this is a mistake, ask the people who run this wallet."
    )


def _two_factor_age(_: Words, numbers: Numbers) -> str:
    return _(
        "Your authenticator was paired a short while ago, so the payout waits until {frees}; until then you can cancel "
        "it.",
        frees=_.moment(numbers["frees_at"]),
    )


def _velocity(_: Words, numbers: Numbers) -> str:
    window = {"hour": _("an hour"), "day": _("24 hours"), "week": _("7 days")}[numbers["window"]]
    frees_at = numbers["frees_at"]
    then = _("This one is possible from {frees}.", frees=_.moment(frees_at)) if frees_at else _("Ask for less.")
    if "limit_count" in numbers:
        reached = _(
            "Withdrawals within {window}: {used} of {limit}.",
            window=window,
            used=numbers["used_count"],
            limit=numbers["limit_count"],
        )
    else:
        reached = _(
            "At most {limit} may be withdrawn within {window}; you had {used}.",
            limit=_.amount(numbers["limit_minor"]),
            window=window,
            used=_.amount(numbers["used_minor"]),
        )
    return f"{reached} {then}"


def card_money_sentence(_: Words, numbers: Numbers) -> str:
    """What was paid by card, what may be withdrawn of it, and from when on enough."""
    if not {"young_minor", "frees_at"} <= numbers.keys():
        return _("Money that was paid by card can be withdrawn after a while only.")
    return _(
        "{young} was paid by card and cannot be withdrawn yet; {mature} can. Enough for this can be withdrawn from "
        "{moment}. Inside this wallet you can send it at once.",
        young=_.amount(numbers["young_minor"]),
        mature=_.amount(numbers["mature_minor"]),
        moment=_.moment(numbers["frees_at"]),
    )


def _account_age(_: Words, numbers: Numbers) -> str:
    return _(
        "While your account is new, until {frees}, withdrawals above {threshold} are looked at by an admin before they "
        "are paid.",
        frees=_.moment(numbers["frees_at"]),
        threshold=_.amount(numbers["review_above_minor"]),
    )


def _hot_wallet_share(_: Words, numbers: Numbers) -> str:
    return _("This is a large part of what is ready to be paid out in this coin, so an admin looks at it first.")


def _look_alike(_: Words, numbers: Numbers) -> str:
    return _(
        "This address begins and ends like {known}, which you used before, but it is another one: {address}. Swindlers "
        "send dust from such addresses, to be copied by mistake. Compare every character, and cancel if it is not the "
        "one that you mean; an admin looks at it before it is paid.",
        known=_.code(numbers["similar_address"]),
        address=_.code(numbers["address"]),
    )


def _duplicate(_: Words, numbers: Numbers) -> str:
    return _(
        "You asked for the same amount to the same address at {earlier}, so an admin looks at this one before it is "
        "paid. If it was a mistake, cancel it. From {frees} the same again needs no look.",
        earlier=_.moment(numbers["earlier_at"]),
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
    "address_screening": _screened,
    "two_factor_age": _two_factor_age,
    "velocity": _velocity,
    "card_money": card_money_sentence,
    "account_age": _account_age,
    "hot_wallet_share": _hot_wallet_share,
    "look_alike_address": _look_alike,
    "duplicate_request": _duplicate,
}


def _(text: str) -> str:
    """Marks a text for the catalogues where it is translated later."""
    return text


#: Which number a sentence cannot do without, and what is said of findings that were kept without it.
_PLAIN: Final[Mapping[str, tuple[str, str]]] = {
    "frozen_person": ("frees_at", _("Your wallet is frozen, so nothing leaves it.")),
    "recovery_wait": ("frees_at", _("After a recovery code was used, withdrawals wait.")),
    "amount_threshold": ("review_above_minor", _("An admin looks at large withdrawals before they are paid.")),
    "new_address": ("frees_at", _("A new address waits before the first payout to it.")),
    "two_factor_age": ("frees_at", _("After an authenticator was paired, payouts wait for a while.")),
    "velocity": ("window", _("That is too much within a short time.")),
    "account_age": ("frees_at", _("An admin looks at large withdrawals of new accounts before they are paid.")),
    "look_alike_address": (
        "similar_address",
        _("This address looks like another one that you used, so an admin looks at it first."),
    ),
    "duplicate_request": ("earlier_at", _("You asked for the same a short while ago, so an admin looks at it first.")),
}
