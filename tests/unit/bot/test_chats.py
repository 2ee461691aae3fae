"""One message for a thread: edited when it says something new, and only then."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.actions import Action
from bot.chats import Chats
from bot.views.card import Button, Card, Picture
from tests.unit.bot.stage import PERSON, Stage
from tests.unit.wallet_core.world import ADDRESS
from wallet_core.domain.chat import SentMessage, Tap
from wallet_core.domain.guards import ChangeGuards
from wallet_core.domain.money import Asset

CARD = Card("one", ((Button("Go", Action.HOME),),), thread="t")


@pytest.fixture
def chats(stage: Stage) -> Chats:
    return Chats(stage.bot, stage.world.ports.store)  # type: ignore[arg-type]  # no library's bot, but all that is called of one


async def _show(chats: Chats, card: Card) -> int:
    return await chats.show(card, person=PERSON, chat=PERSON)


async def test_an_edit_that_changes_nothing_is_not_sent(stage: Stage, chats: Chats) -> None:
    first = await _show(chats, CARD)
    assert await _show(chats, CARD) == first
    assert [call.method for call in stage.bot.calls] == ["send"]
    assert await stage.world.ports.store.count(Tap, {}) == 1


@pytest.mark.parametrize(
    "other",
    [
        Card("two", CARD.rows, thread="t"),
        Card("one", thread="t"),
        Card("one", ((Button("Go", Action.HOME, "1"),),), thread="t"),
        Card("one", ((Button("Stop", Action.HOME),),), thread="t"),
    ],
)
async def test_another_text_or_another_button_is_an_edit(stage: Stage, chats: Chats, other: Card) -> None:
    first = await _show(chats, CARD)
    assert await _show(chats, other) == first
    await _show(chats, CARD)
    assert [call.method for call in stage.bot.calls] == ["send", "edit", "edit"]


async def test_what_was_written_over_a_threads_message_does_not_hide_its_next_state(stage: Stage, chats: Chats) -> None:
    await stage.world.person(PERSON)
    await _show(chats, CARD)
    await stage.press(stage.last_data("Go"))
    stage.bot.calls.clear()
    await _show(chats, CARD)
    assert [(call.method, call.text) for call in stage.bot.calls] == [("edit", "one")]


async def test_a_thread_shows_one_picture_and_a_new_one_in_its_place(stage: Stage, chats: Chats) -> None:
    """Two QR pictures of one purchase would ask for two amounts."""
    whole, rest = (Card(text, thread="t", picture=Picture(f"bitcoin:a?amount={text}", text)) for text in ("2", "1"))
    for card in (whole, replace(whole, text="2 still"), rest):
        await _show(chats, card)
    assert [(call.method, call.text) for call in stage.bot.calls] == [
        ("photo", "2"), ("send", "2"), ("edit", "2 still"), ("delete", ""), ("photo", "1"), ("edit", "1"),
    ]  # fmt: skip
    kept = await stage.world.ports.store.find(SentMessage, {})
    assert not [sent for sent in kept if "bitcoin" in repr(sent)]


async def test_who_owes_reads_it_on_the_home_card_and_on_the_balance(stage: Stage) -> None:
    await stage.world.person(PERSON)
    await stage.world.post(changes=(ChangeGuards(PERSON, lambda guards, _now: guards.with_(debt_minor=8_000_000)),))
    for command in ("/start", "/balance"):
        await stage.command(command)
        assert "Owed: <b>8 ITD</b>. What comes in pays for it first" in stage.bot.said()


async def test_a_receipt_is_refreshed_in_place_and_brought_down_by_the_list(stage: Stage) -> None:
    await stage.world.open_rail()
    person = await stage.world.person(PERSON)
    await stage.world.fund(person, 100)
    await stage.command(f"/withdraw 20 ETH {ADDRESS}")
    await stage.press(stage.last_data("Confirm"))
    await stage.text(await stage.world.code(person))
    await stage.command("/withdrawals")
    assert "1. <b>0.01 ETH</b>\nStatus: queued, place 1 of 1 on this chain, not paid before" in stage.bot.said()
    number = stage.last_data("1")
    stage.bot.calls.clear()
    await stage.press(number)
    assert [call.method for call in stage.bot.calls] == ["delete", "send", "toast"]
    refresh = stage.last_data("Refresh")
    stage.bot.calls.clear()
    await stage.press(refresh)
    assert [(call.method, call.text) for call in stage.bot.calls] == [("toast", "This is how it stands now.")]
    stage.world.clock.turn(days=2)
    await stage.press(refresh)
    assert "place 1 of 1 on this chain. The money is held." in stage.bot.said()
    assert await stage.world.ports.store.count(SentMessage, {}) == 1


async def test_nothing_under_way_is_said_plainly(stage: Stage) -> None:
    await stage.world.person(PERSON)
    await stage.command("/withdrawals")
    assert "/withdraw begins one" in stage.bot.said()


async def test_a_coin_that_only_pays_out_is_offered_for_withdrawing_alone(stage: Stage) -> None:
    await stage.world.open_payouts(Asset.BTC)
    await stage.world.person(PERSON)
    await stage.command("/withdraw")
    assert stage.last_data("BTC") and "Withdrawing is not open yet in: ETH, LTC." in stage.bot.said()
    stage.bot.calls.clear()
    await stage.command("/buy")
    assert "Buying is not open yet with: ETH, BTC, LTC." in stage.bot.said()
