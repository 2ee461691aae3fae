"""Money that waits to be claimed: the card of the sender, and that of whom it waits for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.actions import Action
from bot.views import keyboards
from bot.views.card import Button, Card, Row
from bot.views.confirmations import person_named
from bot.views.words import Html, Words
from wallet_core.domain.claimable import Claimable, ClaimableState, ClaimBy, claimable_facts
from wallet_core.use_cases.show_claimables import WaitingSends

Facts = Mapping[str, Any]


def sent(_: Words, facts: Facts, link: str = "") -> Card:
    """The sender's card. ``link``: the whole address, while there is something to claim by it."""
    state = ClaimableState(facts["state"])
    lines = (
        _.bold(_sender_heading(_, facts, state)),
        *([_("Fee: {amount}, taken when it is claimed", amount=_.amount(facts["fee_minor"]))] if _fee(facts) else []),
        note_line(_, facts),
        _sender_sentence(_, facts, state),
        *([_.code(link)] if link and state is ClaimableState.OPEN else []),
        _("Reference: {id}", id=_.code(str(facts["id"]))),
    )
    return Card("\n".join(line for line in lines if line), _sender_rows(_, facts, state, link))


def waiting(_: Words, facts: Facts) -> Card:
    """The card of whoever it waits for, or who asked for it by a link."""
    state = ClaimableState(facts["state"])
    lines = (
        _.bold(_claimant_heading(_, facts, state)),
        _("From: {name}", name=_sender(_, facts)),
        note_line(_, facts),
        _claimant_sentence(_, facts, state),
    )
    claim: tuple[Row, ...] = ()
    if state is ClaimableState.OPEN and not facts.get("refused"):
        claim = ((Button(_("Claim"), Action.CLAIM, str(facts["id"])),),)
    return Card("\n".join(line for line in lines if line), (*claim, _below(_)))


def listed(_: Words, found: WaitingSends) -> Card:
    """What waits on both sides, with a button for each."""
    lines = [_.bold(_("Waiting to be claimed"))]
    rows: list[Row] = []
    for one in found.for_me:
        facts = claimable_facts(one)
        lines.append(_("For you: {amount} from {name}", amount=_.amount(one.amount_minor), name=_sender(_, facts)))
        rows.append((Button(_("Claim {amount}", amount=_.amount(one.amount_minor)), Action.CLAIM, one.id),))
    for one in found.sent:
        lines.append(_("Yours: {amount} for {name}", amount=_.amount(one.amount_minor), name=_whom(_, one)))
        label = _("Take back {amount}", amount=_.amount(one.amount_minor))
        rows.append((Button(label, Action.CLAIM_TAKE_BACK, one.id),))
    if not rows:
        lines.append(_("Nothing waits. What you send to somebody who has not joined, or by a link, is shown here."))
    if found.more:
        lines.append(_("There are older ones; they are shown as these come to their end."))
    return Card("\n".join(lines), (*rows, keyboards.home(_)))


def asked(_: Words, claimable: Claimable) -> Card:
    """What somebody reads who opened a link and is waited for."""
    return waiting(_, claimable_facts(claimable))


def toast(_: Words, state: ClaimableState) -> str:
    """What a pressed button answers."""
    toasts = {
        ClaimableState.CLAIMED: _("Claimed"),
        ClaimableState.TAKEN_BACK: _("Taken back"),
        ClaimableState.OPEN: _("Not given"),
    }
    return toasts.get(state, "")


def note_line(_: Words, facts: Facts) -> str:
    """The few words that go with a payment, as somebody's and not as ours."""
    note = str(facts.get("note") or "")
    return _("Note: “{note}”", note=note) if note else ""


def _sender_heading(_: Words, facts: Facts, state: ClaimableState) -> str:
    amount = _.amount(facts["amount_minor"])
    headings = {
        ClaimableState.OPEN: _("{amount} waits to be claimed", amount=amount),
        ClaimableState.ASKED: _("Somebody asks for your {amount}", amount=amount),
        ClaimableState.CLAIMED: _("Sent {amount}", amount=amount),
        ClaimableState.TAKEN_BACK: _("Taken back: {amount}", amount=amount),
        ClaimableState.RETURNED: _("Came back: {amount}", amount=amount),
    }
    return headings[state]


def _sender_sentence(_: Words, facts: Facts, state: ClaimableState) -> str:
    if state is ClaimableState.OPEN:
        return _open_sentence(_, facts)
    if state is ClaimableState.ASKED:
        return _(
            "{name} opened your link. Is this whom you meant? Names can be imitated; the id cannot. Nothing is "
            "theirs until you say so.",
            name=_claimant(_, facts),
        )
    if state is ClaimableState.CLAIMED:
        return _("{name} has it.", name=_claimant(_, facts))
    if state is ClaimableState.TAKEN_BACK:
        return _("It is on your balance again. Nobody can claim it any more.")
    return _("Nobody claimed it in time, so it is on your balance again.")


def _open_sentence(_: Words, facts: Facts) -> str:
    until = _.moment(facts["expires_at"])
    by = ClaimBy(facts["by"])
    if by is ClaimBy.PERSON:
        return _(
            "It is held for {name}, who cannot have it yet, until {until}. Then it comes back to you by itself; until "
            "then you can take it back.",
            name=_claimant(_, facts),
            until=until,
        )
    if by is ClaimBy.LINK:
        return _(
            "Give this link to one person. Whoever opens it is shown to you first, and gets it when you say yes. On "
            "{until} it comes back to you by itself.",
            until=until,
        )
    return _("It is held for whoever presses first, until {until}. Then it comes back by itself.", until=until)


def _sender_rows(_: Words, facts: Facts, state: ClaimableState, link: str) -> tuple[Row, ...]:
    take_back = Button(_("Take back"), Action.CLAIM_TAKE_BACK, str(facts["id"]))
    if state is ClaimableState.ASKED:
        about = f"{facts['id']} {facts['recipient']}"
        yes, no = (
            Button(_("Yes, give it"), Action.CLAIM_ACCEPT, about),
            Button(_("No"), Action.CLAIM_REFUSE, about),
        )
        return ((yes, no), (take_back,))
    if state is ClaimableState.OPEN:
        copy = (Button(_("Copy the link"), copies=link),) if link else ()
        return ((*copy, take_back), _below(_))
    return (_below(_),)


def _claimant_heading(_: Words, facts: Facts, state: ClaimableState) -> str:
    amount = _.amount(facts["amount_minor"])
    if facts.get("refused"):
        return _("Not given: {amount}", amount=amount)
    headings = {
        ClaimableState.OPEN: _("{amount} waits for you", amount=amount),
        ClaimableState.ASKED: _("You asked for {amount}", amount=amount),
        ClaimableState.CLAIMED: _("Received {amount}", amount=amount),
        ClaimableState.TAKEN_BACK: _("Not there any more: {amount}", amount=amount),
        ClaimableState.RETURNED: _("Not there any more: {amount}", amount=amount),
    }
    return headings[state]


def _claimant_sentence(_: Words, facts: Facts, state: ClaimableState) -> str:
    if facts.get("refused"):
        return _("The sender said that it is meant for somebody else. Nothing was changed on your balance.")
    if state is ClaimableState.OPEN:
        return _("Claim it until {until}; then it goes back to the sender.", until=_.moment(facts["expires_at"]))
    if state is ClaimableState.ASKED:
        return _("The sender was asked whether you are the right one. You hear from me as soon as they answer.")
    if state is ClaimableState.CLAIMED:
        return _("It is on your balance.")
    return _("The sender took it back, or nobody claimed it in time.")


def _sender(_: Words, facts: Facts) -> Html:
    return person_named(_, str(facts["sender_name"]), facts["person"])


def _claimant(_: Words, facts: Facts) -> Html:
    return person_named(_, str(facts.get("recipient_name") or "?"), facts.get("recipient") or 0)


def _whom(_: Words, one: Claimable) -> str:
    if one.recipient is not None:
        return _claimant(_, claimable_facts(one))
    return _("whoever has the link") if one.by is ClaimBy.LINK else _("whoever is first")


def _fee(facts: Facts) -> bool:
    return bool(facts.get("fee_minor"))


def _below(_: Words) -> Row:
    """Home below a receipt opens a new card: the receipt stays in the chat."""
    return (Button(_("Home"), Action.HOME, "below"),)
