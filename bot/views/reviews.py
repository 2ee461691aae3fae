"""Withdrawals in review: everything about one, with what each rule found, and what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.actions import Action
from bot.views import keyboards
from bot.views.approving.prompt import who
from bot.views.card import Button, Card, Row
from bot.views.confirmations import person_named
from bot.views.findings import finding_sentence
from bot.views.policies import because
from bot.views.words import Html, Words
from wallet_core.domain.money import Asset
from wallet_core.domain.payout import PayoutState
from wallet_core.domain.policies import Decision, Verdict
from wallet_core.use_cases.show_reviews import ReviewPage

Facts = Mapping[str, Any]


def review(_: Words, page: ReviewPage) -> Card:
    """The withdrawal of this page, or that nothing waits."""
    heading = _.bold(_("Withdrawals in review: {number} of {count}", number=page.number, count=page.count))
    turning = keyboards.pages(_, Action.REVIEWS, page.number, has_more=page.number < page.count)
    if page.withdrawal is None:
        return Card(_("No withdrawal waits for a review."), (*turning, keyboards.back(_, Action.DESK)))
    found = page.withdrawal
    lines = (
        heading,
        *withdrawal_lines(_, {**found.document(), "id": found.id}, name=page.name),
        _("Level {level}, here since {since}", level=page.level, since=_since(_, page)),
        "",
        *trace_lines(_, found.decision),
        *_asked_lines(_, page),
    )
    person = Button(_("Person"), Action.USER, str(found.person))
    refresh = (person, Button(_("Refresh"), Action.REVIEWS, str(page.number)))
    return Card("\n".join(lines), (*_deciding(_, page), *turning, refresh, keyboards.back(_, Action.DESK)))


def _since(_: Words, page: ReviewPage) -> str:
    return _.instant(page.member_since) if page.member_since else "?"


def _deciding(_: Words, page: ReviewPage) -> tuple[Row, ...]:
    if page.withdrawal is None or not page.may_decide:
        return ()
    refuse = Button(_("Refuse"), Action.REVIEW_REFUSE, page.withdrawal.id)
    if page.has_asked:
        return ((refuse,),)
    return ((Button(_("Approve"), Action.REVIEW_APPROVE, page.withdrawal.id), refuse),)


def withdrawal_lines(_: Words, facts: Facts, name: str | None = None) -> tuple[str, ...]:
    """Who, how much, and to where."""
    asset, person = Asset(facts["asset"]), facts["person"]
    shown = person_named(_, name, person) if name else _.ltr(f"id {person}")
    return (
        _("Person: {name}", name=shown),
        _(
            "Amount: {amount} as {coins}",
            amount=_.amount(facts["amount_minor"]),
            coins=_.amount(facts["coin_minor"], asset),
        ),
        _("To address: {address}", address=_.code(facts["address"])),
        _("Reference: {id}", id=_.code(str(facts["id"]))),
    )


def trace_lines(_: Words, decision: Mapping[str, Any]) -> tuple[str, ...]:
    """Every rule that was asked: what stopped it in words with the numbers, and the names of those that let it pass."""
    if not decision:
        return ()
    trace = Decision.model_validate(decision).trace
    stopped = [one for one in trace if one.verdict is not Verdict.APPROVE or one.not_before]
    passed = [one.policy for one in trace if one not in stopped]
    number = decision.get("policy_set")
    return (
        _.bold(_("What the rules found (set {number})", number="?" if number is None else number)),
        *(f"• {one.policy}: {finding_sentence(_, one.policy, one.numbers)}" for one in stopped),
        *([_("Nothing to say: {names}", names=_.ltr(", ".join(passed)))] if passed else []),
    )


def _asked_lines(_: Words, page: ReviewPage) -> tuple[str, ...]:
    if page.asked is None:
        return ("", _("Above the limit: it takes two admins.")) if page.takes_two else ()
    asked = who(_, {"by": page.asked.asked_by, "by_name": page.asked_name}, "by")
    return ("", _("Approved by {name}; a second admin has to approve as well.", name=asked))


def notice(_: Words, facts: Facts) -> Card:
    """What a reviewer is told of one: that it waits, with the buttons; then who decided what, in their place."""
    state = PayoutState(facts.get("state", PayoutState.REVIEW))
    waits = state is PayoutState.REVIEW
    heading = _("A withdrawal waits for review") if waits else _("A withdrawal that was in review")
    lines = (
        _.bold(heading),
        *withdrawal_lines(_, facts, name=facts.get("name")),
        *because(_, facts),
        *(() if waits else ("", _decided(_, state, facts))),
    )
    return Card("\n".join(lines), _notice_rows(_, facts["id"]) if waits else (keyboards.back(_, Action.DESK),))


def _notice_rows(_: Words, withdrawal_id: str) -> tuple[Row, ...]:
    approve = Button(_("Approve"), Action.REVIEW_APPROVE, withdrawal_id)
    return ((approve, Button(_("Refuse"), Action.REVIEW_REFUSE, withdrawal_id)),)


def _decided(_: Words, state: PayoutState, facts: Facts) -> Html:
    name = who(_, facts, "decided_by")
    if state is PayoutState.QUEUED:
        return _("Approved by {name}. It is queued.", name=name)
    if state is PayoutState.CANCELLED:
        return _("Cancelled by the person. The money is theirs again.")
    if facts.get("why"):
        return _("Refused by {name}: {why}", name=name, why=str(facts["why"]))
    return _("Refused by {name}. The money is the person's again.", name=name)


def why_question(_: Words, withdrawal_id: str) -> str:
    """Asks what the person is told."""
    return _(
        "Write why withdrawal {id} is refused. The person reads it word by word; their money goes back at once.",
        id=_.code(withdrawal_id),
    )


def one_of_two(_: Words) -> Card:
    """The first of two has approved."""
    text = _("Your approval is noted. Nothing is paid before a second admin approves as well; they were asked.")
    return Card(text, (keyboards.back(_, Action.REVIEWS, "1"),))


def has_asked(_: Words) -> Card:
    """The same admin cannot be both."""
    return Card(
        _("You have approved it already. Another admin has to approve as well."), (keyboards.back(_, Action.DESK),)
    )
