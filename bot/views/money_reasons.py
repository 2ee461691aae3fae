"""What a person is told when their money does not go: the numbers, what it waits for, and that it is where it was."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.views.policies import card_money_sentence, limit_sentence, named_rule, owed_sentence
from bot.views.words import Words
from wallet_core.domain.money import Asset

Facts = Mapping[str, Any]


def nothing_changed(_: Words) -> str:
    """The comfort that goes with refusals about money; only where it is true."""
    return _("Nothing was changed; your money is where it was.")


def below_minimum(_: Words, facts: Facts) -> str:
    """The least that may be asked for."""
    if "minimum_minor" not in facts:
        return _("That is below the minimum.")
    least = _.amount(facts["minimum_minor"], Asset(facts.get("asset", Asset.ITD)))
    return _("The least is {minimum}. Please write a larger amount.", minimum=least)


def insufficient(_: Words, facts: Facts) -> str:
    """What it takes and what there is."""
    if "available_minor" not in facts:
        return _("Your balance does not cover that. {safe}", safe=nothing_changed(_))
    return _(
        "That takes {needed} with the fee, and you have {available}. {safe}",
        needed=_.amount(facts["needed_minor"]),
        available=_.amount(facts["available_minor"]),
        safe=nothing_changed(_),
    )


def limit(_: Words, facts: Facts) -> str:
    """A day's limit with its numbers."""
    return f"{limit_sentence(_, facts)} {nothing_changed(_)}"


def in_debt(_: Words, facts: Facts) -> str:
    """What is owed holds everything that leaves."""
    if "debt_minor" not in facts:
        return _("You owe what you had spent of a payment that was taken back; until that is paid nothing leaves.")
    return f"{owed_sentence(_, facts)} {nothing_changed(_)}"


def disputed(_: Words, facts: Facts) -> str:
    """A disputed card payment holds everything that leaves."""
    return f"{owed_sentence(_, {})} {nothing_changed(_)}"


def card_money_young(_: Words, facts: Facts) -> str:
    """Money paid by card may be claimed back for a while."""
    numbers = {**facts, "frees_at": facts["matures_at"]} if "matures_at" in facts else facts
    return f"{card_money_sentence(_, numbers)} {nothing_changed(_)}"


def policy(_: Words, facts: Facts) -> str:
    """A policy's finding."""
    if "policy" not in facts:
        return _("A rule of this wallet does not allow that. {safe}", safe=nothing_changed(_))
    return f"{named_rule(_, str(facts['policy']), facts.get('numbers') or {})} {nothing_changed(_)}"


def expired(_: Words, facts: Facts) -> str:
    """An offer that was not confirmed in time."""
    return _("That offer has expired. {safe} Please start again.", safe=nothing_changed(_))


def policies_unsound(_: Words, facts: Facts) -> str:
    """Somebody changed the rules in the database; nothing is decided by what nobody vouches for."""
    return _(
        "Withdrawals are stopped: this wallet's rules could not be verified. {safe} Those who run it were told; please "
        "try again later.",
        safe=nothing_changed(_),
    )


def levels_unsound(_: Words, facts: Facts) -> str:
    """Somebody changed the table of limits in the database; nothing is allowed by what nobody vouches for."""
    return _(
        "Sending, buying and withdrawing are stopped: this wallet's limits could not be verified. {safe} Those who run "
        "it were told; please try again later.",
        safe=nothing_changed(_),
    )
