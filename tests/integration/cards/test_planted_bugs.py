"""Bugs planted on purpose: each is seen by a verdict on a play that the sound rail passes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.sandbox.stripe import refunds
from tests.faults.verdict import Verdict
from tests.integration.cards import bugs
from tests.integration.cards.in_memory import open_world
from tests.integration.cards.lives import Killer, Lives
from wallet_core.domain.payment import Payment
from wallet_core.domain.purchase import Invoice
from wallet_core.domain.record import Target

#: Before and after each of the first four postings about a claim, and of its alarms.
_AROUND_POSTINGS = [
    f"{module}:ledger.post:{when}" for module in ("card_reversals", "raise_alarm") for when in ("before", "after")
] * 4

Play = Callable[[Lives], Awaitable[object]]


async def paid(lives: Lives) -> None:
    await lives.buy(await lives.world.person(1))


async def paid_by_a_bank(lives: Lives) -> None:
    invoice = await lives.order(await lives.world.person(1))
    await lives.rest()
    await lives.act(invoice, "pay-later")
    await lives.act(invoice, "succeed")
    await lives.rest()


async def records_lost(lives: Lives) -> None:
    """The records of an order that was credited are as they were before: of two collections a backup was put back."""
    invoice = await lives.order(await lives.world.person(1))
    await lives.rest()
    before = dict(lives.world.memory.documents)
    await lives.act(invoice, "pay")
    await lives.rest()
    ours = Target(Invoice.collection, invoice.id)
    credited = lives.world.memory.documents[ours]
    lives.world.memory.documents[ours] = before[ours]
    (payment,) = await lives.world.memory.find(Payment, {})
    kept = lives.world.memory.documents.pop(Target(Payment.collection, payment.id))
    await lives.rest()
    lives.world.memory.documents[ours] = credited
    lives.world.memory.documents[Target(Payment.collection, payment.id)] = kept
    await lives.rest()


async def expired(lives: Lives) -> None:
    invoice = await lives.order(await lives.world.person(1))
    await lives.rest()
    await lives.act(invoice, "expire")
    await lives.rest()


async def page_whose_answer_is_lost(lives: Lives) -> None:
    invoice = await lives.order(await lives.world.person(1))
    lives.on_point = Killer(["card_sessions:cards.open_session:after"])
    await lives.rest()
    await lives.act(invoice, "pay")
    await lives.rest()


async def refunded_in_two_parts(lives: Lives) -> str:
    """One elsewhere, the other by an admin, whose worker is killed; then the first one fails."""
    invoice = await lives.buy(await lives.world.person(1))
    await lives.act(invoice, "refund", amount=5_05)
    await lives.rest()
    wish = await lives.refund(invoice)
    lives.on_point = Killer(["card_claims:cards.refund:after", "bugs:cards.refund:after"])
    assert not await lives.survives()
    elsewhere = lives.company.table("refund")[0]
    refunds.fail(lives.company.company.state, elsewhere)
    lives.company.company.state.commit()
    await lives.rest()
    return wish


async def refunded_with_our_words_on_it(lives: Lives) -> None:
    """Another refund has the id of the admin's wish in its metadata, and the same size."""
    wish = await refunded_in_two_parts(lives)
    (session,) = lives.company.table("checkout.session")
    await lives.company.act(session["id"], "refund")
    lives.company.change("refund", lives.company.table("refund")[-1]["id"], metadata={"reversal": wish})
    await lives.rest()


async def refund_comes_back(lives: Lives) -> None:
    invoice = await lives.buy(await lives.world.person(1))
    await lives.refund(invoice)
    await lives.rest()
    await lives.act(invoice, "fail-refund")
    await lives.rest()
    await lives.tell_again()
    await lives.rest()


async def one_of_two_disputes_won(lives: Lives) -> None:
    caller = await lives.world.person(1)
    first, second = await lives.buy(caller), await lives.buy(caller)
    for invoice in (first, second):
        await lives.act(invoice, "dispute")
    await lives.rest()
    await lives.act(first, "win")
    await lives.rest()
    await lives.tell_again()
    await lives.rest()


async def refunded_elsewhere(lives: Lives) -> None:
    """The worker is killed while it looks into the event, which is all that tells of it."""
    invoice = await lives.buy(await lives.world.person(1))
    await lives.act(invoice, "refund")
    # Two events tell of a refund.
    lives.on_point = Killer(["card_claims:cards.claims:before"] * 2)
    await lives.rest()


async def refunded_and_then_lost(lives: Lives) -> None:
    """The same dollars go twice, and the worker is killed around every posting about the second time."""
    invoice = await lives.buy(await lives.world.person(1))
    await lives.act(invoice, "refund")
    await lives.rest()
    await lives.act(invoice, "dispute", amount=10_10)
    await lives.rest()
    await lives.act(invoice, "lose")
    lives.on_point = Killer(_AROUND_POSTINGS)
    await lives.rest()
    await lives.tell_again()
    await lives.rest()


async def refund_fails_after_a_loss(lives: Lives) -> None:
    """The card company has what was paid and no more: it was the person's and not the house's."""
    await refunded_and_then_lost(lives)
    (session,) = lives.company.table("checkout.session")
    await lives.company.act(session["id"], "fail-refund")
    lives.on_point = Killer(_AROUND_POSTINGS)
    await lives.rest()


@dataclass(frozen=True)
class Bug:
    """What is wrong, the play in which it is seen, and as what."""

    plant: Callable[[bugs.Patch], None]
    play: Play
    seen_as: str


BUGS = (
    Bug(bugs.credit_before_it_is_saved, paid, "doubled"),
    Bug(bugs.key_by_event_only, paid_by_a_bank, "doubled"),
    Bug(bugs.random_credit_key, records_lost, "doubled"),
    Bug(bugs.session_asked_for_without_a_key, page_whose_answer_is_lost, "doubled"),
    Bug(bugs.limit_not_given_back, expired, "gaps"),
    Bug(bugs.matured_early, paid, "gaps"),
    Bug(bugs.refunded_twice, refunded_in_two_parts, "doubled"),
    Bug(bugs.ignored_claim_id, refunded_with_our_words_on_it, "lost"),
    Bug(bugs.given_back_twice, refund_comes_back, "doubled"),
    Bug(bugs.given_back_twice, one_of_two_disputes_won, "gaps"),
    Bug(bugs.event_ticked_off_first, refunded_elsewhere, "lost"),
    Bug(bugs.loss_not_booked, refunded_and_then_lost, "gaps"),
    Bug(bugs.loss_kept, refund_fails_after_a_loss, "gaps"),
)


#: What `make test` plays; `make faults` plays all of them.
_SHORT = (paid, paid_by_a_bank, records_lost, refunded_in_two_parts)


def _marks(play: Play) -> list[pytest.MarkDecorator]:
    return [] if play in _SHORT else [pytest.mark.campaign]


async def played(folder: Path, play: Play) -> Verdict:
    async with open_world(folder) as (world, company):
        lives = Lives(world, company, folder, Killer())
        await lives.opened()
        await play(lives)
        return await lives.verdict()


@pytest.mark.parametrize(
    "play",
    [pytest.param(play, marks=_marks(play), id=play.__name__) for play in dict.fromkeys(bug.play for bug in BUGS)],
)
async def test_the_sound_rail_passes(tmp_path: Path, play: Play) -> None:
    verdict = await played(tmp_path, play)
    assert verdict, verdict


@pytest.mark.parametrize(
    "bug",
    [pytest.param(bug, marks=_marks(bug.play), id=f"{bug.plant.__name__}-{bug.play.__name__}") for bug in BUGS],
)
async def test_a_planted_bug_is_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bug: Bug) -> None:
    bug.plant(monkeypatch.setattr)
    verdict = await played(tmp_path, bug.play)
    assert getattr(verdict, bug.seen_as), f"nobody noticed: {verdict}"
