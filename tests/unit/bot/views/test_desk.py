"""The desk says of every chain what it does, how long people wait, and what is on its way."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.actions import Action
from bot.views import desk as views
from bot.views import rails
from bot.views.words import LANGUAGES, words_for
from wallet_core.domain.hot_wallet import Level
from wallet_core.domain.mode import Mode, Switchboard
from wallet_core.domain.money import Asset
from wallet_core.domain.payout import Attempt, Batch, BatchState
from wallet_core.domain.people import Access
from wallet_core.domain.purchase import Rail, RailState
from wallet_core.domain.sweep import Own
from wallet_core.use_cases.show_batches import BatchesPage, BatchRow
from wallet_core.use_cases.show_desk import Desk, RailDesk

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
TXID = "ab" * 32


def rail(asset: Asset = Asset.BTC, **fields: Any) -> Rail:
    return Rail(id=asset, **{"genesis": "00", **fields})


def shown(*rails: RailDesk, language: str = "en") -> str:
    return views.desk(words_for(language), Desk(NOW, list(rails), 0, [])).text


def busy(**fields: Any) -> RailDesk:
    return RailDesk(
        rail(**fields), queued=12, oldest_at=NOW - timedelta(minutes=14), in_flight=41, batches=2, unknown=1
    )


def row(state: BatchState, **fields: Any) -> BatchRow:
    batch = Batch(id="b1", asset=Asset.BTC, state=state, payouts=("w1", "w2"), sender="hot", **fields)
    return BatchRow(batch, Attempt(id="b1:2", batch="b1", number=2, txid=TXID, raw=b""), 2)


def test_a_chain_is_told_with_its_queue_and_what_is_on_its_way() -> None:
    text = shown(busy(pay_asked=1), RailDesk(rail(Asset.LTC), 0, None, 0, 0, 0))
    assert "BTC: running\nQueued: 12, the oldest for 14 minutes. A batch was asked for and is not formed yet." in text
    assert "On their way: 41 payouts, batches 2, of them unknown 1." in text
    assert "LTC: running\nQueued: 0.\nReviews waiting" in text


def test_the_hot_wallet_is_told_with_its_level_and_what_is_missing() -> None:
    level = Level(
        id=Asset.BTC, address="a", free_minor=10**8, queued_minor=2 * 10**8, floor_minor=10**8, ceiling_minor=0, at=NOW
    )
    assert "Hot wallet: 1 BTC, queued 2 BTC, floor 1 BTC, missing 3 BTC" in shown(replace(busy(), level=level))
    full = level.model_copy(update={"free_minor": 10**9, "ceiling_minor": 5 * 10**8})
    assert "Hot wallet: 10 BTC, queued 2 BTC, floor 1 BTC, ceiling 5 BTC\n" in shown(replace(busy(), level=full))


def test_batches_of_our_own_coins_are_told_as_what_they_are() -> None:
    rows = [
        row(BatchState.SIGNED, own=Own.SURPLUS, stored_minor=10**8),
        row(BatchState.SIGNED, own=Own.SMALL, inputs=("a:0", "b:0")),
    ]
    text = views.batches(words_for("en"), BatchesPage(1, rows, has_more=False)).text
    assert "1 BTC for the cold wallet: signed" in text and "small coins gathered: 2, signed" in text


def test_an_alarm_and_a_chain_that_nobody_serves_are_told() -> None:
    assert "BTC: paused. ALARM: foreign_spend b1" in shown(busy(state=RailState.PAUSED, alarm="foreign_spend b1"))
    assert "BTC: no worker has ever served it" in shown(busy(genesis=None))


def test_cards_are_paid_nothing_so_it_is_purchases_that_are_switched() -> None:
    def desk(**fields: Any) -> tuple[str, list[str]]:
        cards = RailDesk(rail(Asset.USD, **fields), 0, None, 0, 0, 0)
        card = views.desk(words_for("en"), Desk(NOW, [busy(), cards], 0, []), Access.FINANCE)
        return card.text, [button.label for line in card.rows for button in line if "USD" in button.label]

    text, labels = desk()
    assert "USD: running\n" in text and labels == ["Switch USD"]
    text, labels = desk(alarm="card_account")
    assert "USD: running. ALARM: card_account" in text and labels == ["Switch USD", "Clear alarm USD"]
    switch = rails.rail_card(words_for("en"), rail(Asset.USD, state=RailState.CLOSED))
    assert switch.text.startswith("<b>USD: closed</b>") and "refunded or disputed goes on" in switch.text
    assert [button.label for line in switch.rows for button in line] == ["Resume", "Back", "Home"]
    purpose = rails.rail_purpose(words_for("en"), Asset.USD, RailState.CLOSED)
    assert purpose == "set purchases by card to “closed”"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("state", RailState)
def test_the_switch_of_a_rail_explains_every_other_position(language: str, state: RailState) -> None:
    words = words_for(language)
    card = rails.rail_card(words, rail(state=state, switched_at=NOW, switched_why="<b>storm"))
    buttons = {b.argument for line in card.rows for b in line if b.action is Action.RAIL_SET}
    assert buttons == {f"BTC {other}" for other in RailState if other is not state}
    assert "&lt;b&gt;storm" in card.text and "{" not in card.text
    assert len(rails.all_rails(words).rows) == len(RailState) + 1


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("mode", Mode)
def test_the_switch_of_the_whole_wallet_offers_the_other_modes(language: str, mode: Mode) -> None:
    board = Switchboard(mode=mode, since=NOW, why="<i>", by=7)
    card = rails.mode_card(words_for(language), board)
    assert {b.argument for line in card.rows for b in line if b.action is Action.MODE_SET} == set(Mode) - {mode}
    assert "<i>" not in card.text and "{" not in card.text
    told = views.desk(words_for("en"), Desk(NOW, [], 0, [], board=board)).text
    assert ("WHOLE WALLET" in told) == (mode is not Mode.OPEN)


def test_each_role_sees_what_it_may_do() -> None:
    def labels(access: Access) -> set[str]:
        card = views.desk(words_for("en"), Desk(NOW, [busy(alarm="foreign_spend b1")], 0, []), access)
        return {button.label for line in card.rows for button in line}

    looks = {"Queue", "Batches", "Cases", "Hot wallets", "Rates", "Fees", "Statistics", "Health", "Alarms", "Reviews"}
    assert labels(Access.SUPPORT) == looks | {"Refresh", "Home"}
    switches = {"Policies", "Mass sends", "Applications", "Limits", "Approvals", "All rails", "Whole wallet"}
    switches |= {"Switch BTC", "Clear alarm BTC"}
    assert labels(Access.FINANCE) == labels(Access.SUPPORT) | switches
    assert labels(Access.OWNER) == labels(Access.FINANCE) | {"Audit log"}


@pytest.mark.parametrize(
    ("fields", "pays"),
    [
        ({}, True),
        ({"state": RailState.DRAINING}, True),
        ({"state": RailState.PAUSED}, False),
        ({"alarm": "foreign_spend"}, False),
    ],
)
def test_payment_at_once_is_offered_where_something_is_paid(fields: dict[str, Any], pays: bool) -> None:
    card = views.desk(words_for("en"), Desk(NOW, [busy(**fields)], 0, []), Access.FINANCE)
    buttons = {button.label: button.action for line in card.rows for button in line}
    assert (buttons.get("Pay now BTC") is Action.PAY_NOW) == pays
    assert buttons["Queue"] is Action.QUEUE and buttons["Batches"] is Action.BATCHES


@pytest.mark.parametrize(
    ("waited", "told"),
    [
        (timedelta(seconds=-5), "0 minutes"),
        (timedelta(minutes=1), "1 minute"),
        (timedelta(minutes=119), "119 minutes"),
        (timedelta(minutes=120), "2 hours"),
        (timedelta(hours=47), "47 hours"),
        (timedelta(hours=48), "2 days"),
    ],
)
def test_ages_are_told_in_one_unit(waited: timedelta, told: str) -> None:
    assert views.age(words_for("en"), waited) == told


def test_a_batch_is_told_with_state_attempts_and_transaction() -> None:
    rows = [row(BatchState.BROADCAST, unknown=True), row(BatchState.CONFIRMED, txid="cd" * 32)]
    card = views.batches(words_for("en"), BatchesPage(2, rows, has_more=True))
    assert "BTC batch <code>b1</code>: given to the network, payouts 2, attempts 2\nUNKNOWN" in card.text
    assert f"<code>{TXID}</code>" in card.text and f"<code>{'cd' * 32}</code>" in card.text
    assert [(b.label, b.argument) for b in card.rows[0]] == [("Earlier", "1"), ("Later", "3")]
    assert [(b.label, b.action, b.argument) for b in card.rows[1]] == [("BTC b1", Action.BATCH, "b1")] * 2


def test_a_sweep_is_told_with_how_many_deposits_it_moves() -> None:
    rows = [row(BatchState.BROADCAST, sweep=True, invoices=("i", "j", "k"))]
    text = views.batches(words_for("en"), BatchesPage(1, rows, has_more=False)).text
    assert "BTC sweep <code>b1</code>: given to the network, deposits 3, attempts 2" in text


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("state", BatchState)
def test_every_state_of_a_batch_has_words_in_every_language(language: str, state: BatchState) -> None:
    text = views.batches(words_for(language), BatchesPage(1, [row(state)], has_more=False)).text
    assert "{" not in text and (language == "en") == ("batch <code>" in text)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_full_desk_fits_into_a_message(language: str) -> None:
    rails = [busy(asset=asset, alarm="foreign_spend " + TXID) for asset in (Asset.BTC, Asset.LTC, Asset.ETH)]
    assert len(shown(*rails, language=language)) < 4_096
    page = BatchesPage(9, [row(BatchState.BROADCAST, unknown=True)] * 8, has_more=True)
    assert len(views.batches(words_for(language), page).text) < 4_096
