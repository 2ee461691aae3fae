"""What is said where others read along: who gave how much to whom, and nothing of balances, limits or numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.views.card import Button, Card, Row
from bot.views.words import Words
from wallet_core.domain.claimable import WAITING, ClaimableState, ClaimBy

Facts = Mapping[str, Any]


def send(_: Words, facts: Facts, link: str) -> Card:
    """A send as its group sees it. ``link``: the way to the bot, for whom it waits for."""
    state = ClaimableState(facts["state"])
    rows: tuple[Row, ...] = ((Button(_("Claim"), url=link),),) if state in WAITING else ()
    return Card(send_text(_, facts), rows)


def send_text(_: Words, facts: Facts) -> str:
    """What became of a send, in one line, with its note below."""
    note = str(facts.get("note") or "")
    lines = (_line(_, facts), *([_("Note: “{note}”", note=note)] if note else []))
    return "\n".join(lines)


def offered(_: Words, sender_name: str, amount_minor: int, note: str, *, takes_code: bool) -> str:
    """What is posted by inline mode; ``takes_code``: nothing can be claimed before its sender has given a code."""
    facts = {"sender_name": sender_name, "amount_minor": amount_minor, "note": note}
    text = send_text(_, {**facts, "state": ClaimableState.OPEN, "by": ClaimBy.FIRST})
    return f"{text}\n{to_confirm(_, sender_name)}" if takes_code else text


def to_confirm(_: Words, sender_name: str) -> str:
    """It cannot be claimed yet."""
    return _("{name} confirms it first.", name=_.name(sender_name))


def not_given(_: Words, sender_name: str) -> str:
    """An offer that came to nothing before anything was held."""
    return _("{name} gives nothing here any more.", name=_.name(sender_name))


def too_late(_: Words) -> str:
    """An offer that nobody pressed and nothing was held for while it could be."""
    return _("This offer is over. Nothing was taken for it.")


def in_private(_: Words, link: str) -> Card:
    """More is said where nobody reads along."""
    return Card(_("More about this in our private chat."), ((Button(_("Open the chat"), url=link),),))


def how_to_tip(_: Words) -> str:
    """What to do with the command, as a group may read it."""
    return _("In a group, reply to somebody's message with /tip 5 and perhaps a few words: they get 5 ITD.")


def _line(_: Words, facts: Facts) -> str:
    state, amount = ClaimableState(facts["state"]), _.bold(_.amount(facts["amount_minor"]))
    sender, name = _.name(str(facts["sender_name"])), facts.get("recipient_name")
    whom = _.name(str(name))
    if state is ClaimableState.CLAIMED and facts.get("by") == ClaimBy.FIRST:
        return _("{sender} → {name}: {amount}, claimed", sender=sender, name=whom, amount=amount)
    if state is ClaimableState.CLAIMED:
        return _("{sender} → {name}: {amount}", sender=sender, name=whom, amount=amount)
    if state not in WAITING:
        return _("{sender}: {amount}, not there any more", sender=sender, amount=amount)
    if name:
        return _("{sender} → {name}: {amount}, waits to be claimed", sender=sender, name=whom, amount=amount)
    return _("{sender} gives {amount} to whoever presses first.", sender=sender, amount=amount)
