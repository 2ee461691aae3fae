"""Inline mode: what is suggested below ``@bot 5 ITD``, and what whoever presses the button is told."""

from __future__ import annotations

from dataclasses import dataclass

from bot.views.public import offered
from bot.views.reasons import reason_text
from bot.views.words import Html, Words, plain_text
from wallet_core.domain.errors import Reason, Refused
from wallet_core.domain.inline_offer import InlineOffer
from wallet_core.domain.kyc import Operation

#: In place of an offer's id where there is none: what cannot be offered does nothing when it is posted.
NO_OFFER = "none"


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One result of an inline query: a title and a line for whoever types, and what would be posted."""

    id: str
    title: str
    detail: str
    text: str
    #: The label of the button below what is posted.
    button: str = ""


def offer(_: Words, found: InlineOffer, sender_name: str) -> Suggestion:
    """What can be posted."""
    amount = _.amount(found.amount_minor)
    detail = (
        _("For whoever presses first. You confirm it with a code; nothing is taken before.")
        if found.takes_code
        else _("For whoever presses first. Nothing is taken before you post it.")
    )
    text = offered(_, sender_name, found.amount_minor, found.note, takes_code=found.takes_code)
    return Suggestion(found.id, plain_text(_("Give {amount}", amount=amount)), plain_text(detail), text, claim_label(_))


def claim_label(_: Words) -> str:
    """The button below an offer."""
    return plain_text(_("Claim"))


def cannot(_: Words, refused: Refused, bot_name: str) -> Suggestion:
    """Why nothing can be posted, for whoever types alone: what would be posted tells nothing of it."""
    why = plain_text(reason_text(_, refused.reason, refused.facts))
    return Suggestion(NO_OFFER, plain_text(_("This cannot be given")), why, how_to_give(_, bot_name))


def how_to_give(_: Words, bot_name: str) -> Html:
    """How it is done."""
    return _(
        "In any chat, write @{bot} 5 and perhaps a few words to give 5 ITD to whoever presses first.", bot=bot_name
    )


def write_amount(_: Words) -> str:
    """The button above the results while no amount is typed."""
    return plain_text(_("Write an amount, such as 5"))


def enrol(_: Words) -> str:
    """The button above the results for somebody new."""
    return plain_text(_("Set up your wallet first"))


def to_offer(_: Words, amount_minor: int) -> Html:
    """What a code is asked for: an offer, its amount in ITD minor units."""
    return _("give {amount} to whoever presses first", amount=_.amount(amount_minor))


def refused(_: Words, refusal: Refused) -> str:
    """Why somebody cannot have an offer: their own limit with its numbers, and nothing of the sender's affairs."""
    reason, facts = refusal.reason, refusal.facts
    if reason in (Reason.LIMIT_AMOUNT, Reason.LIMIT_COUNT) and facts.get("operation") == Operation.RECEIVE:
        return reason_text(_, reason, facts)
    if reason is Reason.CODE_NEEDED:
        return _("The sender has not confirmed it yet. Try again in a moment.")
    if reason in (Reason.WRONG_STATE, Reason.EXPIRED, Reason.NOT_FOUND):
        return _("It is not there any more: somebody was faster, it was taken back, or its time is over.")
    return _("The sender cannot give it at the moment. Nothing was changed on your balance.")


def claimed(_: Words) -> str:
    """The answer to whoever was first."""
    return plain_text(_("It is yours: it is on your balance."))
