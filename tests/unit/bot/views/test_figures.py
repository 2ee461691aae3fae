"""What admins look at: every figure is told with its unit, in every language, and fits into a message."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.actions import Action
from bot.views import alerts, batches, day_report, figures, health, service
from bot.views.alarm_guide import GUIDE, advice
from bot.views.words import LANGUAGES, words_for
from wallet_core.domain.alert import SEVERITIES, Alert
from wallet_core.domain.day_report import Trouble
from wallet_core.domain.health import Pulse, Verification
from wallet_core.domain.hot_wallet import Level
from wallet_core.domain.lease import Heartbeat
from wallet_core.domain.mode import Mode, Switchboard
from wallet_core.domain.money import Asset
from wallet_core.domain.payout import Attempt, AttemptKind, Batch, BatchState, PayoutState, Withdrawal
from wallet_core.domain.purchase import Rail, RailState
from wallet_core.domain.quote import Heard, Rate
from wallet_core.domain.seal import Head
from wallet_core.use_cases.health_figures import Backlog, HealthView
from wallet_core.use_cases.seals import Tail
from wallet_core.use_cases.show_batch import BatchView
from wallet_core.use_cases.show_fees import ChainFees, FeesView
from wallet_core.use_cases.show_hot_wallets import HotWalletsView, WalletLevel
from wallet_core.use_cases.show_rates import RatesView, RateView
from wallet_core.use_cases.show_service import Service
from wallet_core.use_cases.show_statistics import Statistics
from wallet_core.use_cases.volumes import Volume, Volumes

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
EN = words_for("en")
TXID = "ab" * 32
BTC, ETH = 10**8, 10**18

LEVEL = Level(
    id=Asset.BTC, address="bc1hot", free_minor=BTC, queued_minor=2 * BTC, floor_minor=BTC, ceiling_minor=0,
    at=NOW - timedelta(minutes=3),
)  # fmt: skip
LEVELS = HotWalletsView(
    NOW,
    [
        WalletLevel(Asset.BTC, LEVEL, hot_minor=3 * BTC, cold_minor=5 * BTC, deposits_minor=7),
        WalletLevel(Asset.ETH, None, hot_minor=0, cold_minor=0, deposits_minor=0),
    ],
)
HEARD = (Heard("a.example", 60_000 * 10**6, NOW - timedelta(seconds=4)), Heard("b.example"))
RATES = RatesView(
    NOW,
    [
        RateView(Asset.BTC, Rate(Asset.BTC, 60_000 * 10**6, "a.example", NOW, 100), "", HEARD),
        RateView(Asset.ETH, None, "jumped", HEARD),
    ],
)
FEES = FeesView(
    NOW, 0, 100, 50, 12_500_000, 7,
    [
        ChainFees(Asset.BTC, 10**6, 250_000, 12, NOW - timedelta(minutes=9), 12_345),
        ChainFees(Asset.ETH, 500_000, 500_000, 31_500_000_000, NOW - timedelta(hours=3), ETH // 100),
        ChainFees(Asset.LTC, 10**6, 250_000, 0, None, 0),
    ],
)  # fmt: skip
DONE = Volumes(Volume(3, 4_500_000, 0), Volume(2, 10**7, 10**5), Volume(1, 5 * 10**6, 500_000))
STATISTICS = Statistics(9, 8, 7, 6, DONE, DONE)
HEALTH = HealthView(
    NOW,
    [
        Pulse(id="bot a:1", kind="bot", version="0.1.0", started_at=NOW - timedelta(hours=5), at=NOW),
        Pulse(
            id="worker w", kind="worker", version="", started_at=NOW, at=NOW,
            parts={"BTC node": "no answer <within> 2 s", "primary": "ok"},
        ),
        Pulse(
            id="worker v", kind="worker", version="2", started_at=NOW, at=NOW, turns={"BTC payout": 1.5, "seal": 7.2},
        ),
        Pulse(id="bot b:2", kind="bot", version="", started_at=NOW, at=NOW - timedelta(minutes=9)),
    ],
    [Heartbeat(id="ETH:31337:0xhot", epoch=3, holder="w", at=NOW - timedelta(seconds=2))],
    [Rail(id=Asset.ETH, seen_height=120, scanned_height=118), Rail(id=Asset.USD)],
    Backlog(4, NOW - timedelta(minutes=20)),
    Head(length=12),
    Tail(2, 3.0),
    Verification(at=NOW, records=99, gaps=0, seals=12),
)  # fmt: skip


def batch_view(**fields: object) -> BatchView:
    made = {"asset": Asset.BTC, "payouts": tuple(f"w{n}" for n in range(20)), "sender": "hot", "created_at": NOW}
    batch = Batch.model_validate({"_id": "b1", "state": BatchState.CONFIRMED, **made, **fields})
    attempts = [
        Attempt(id="b1:2", batch="b1", number=2, txid=TXID, raw=b"", kind=AttemptKind.CHILD, price_minor=25),
        Attempt(id="b1:1", batch="b1", number=1, txid=TXID, raw=b"", price_minor=12, broadcast_at=NOW),
    ]
    payout = Withdrawal(
        id="w1", person=7, state=PayoutState.BATCHED, asset=Asset.BTC, address="<bc1>", amount_minor=1, fee_minor=1,
        coin_minor=5, rate_minor=1, quoted_until=NOW, mac="", decision={}, limit_day="",
    )  # fmt: skip
    return BatchView(batch, attempts, 2, [payout] * 8, has_more=True, now=NOW, seen_height=101)


def test_a_hot_wallet_is_shown_with_what_to_send_where() -> None:
    text = figures.hot_wallets(EN, LEVELS).text
    for part in ("Hot wallet: 1 BTC, queued 2 BTC, floor 1 BTC, missing 3 BTC", "Send 3 BTC to <code>bc1hot</code>",
                 "By the books: hot 3 BTC, cold 5 BTC, deposits 0.00000007 BTC", "3 minutes ago",
                 "No worker has looked at it yet."):  # fmt: skip
        assert part in text, text


def test_a_rate_is_shown_with_every_source_also_those_that_said_nothing() -> None:
    text = figures.rates(EN, RATES).text
    for part in ("1 BTC = 60000 ITD, the median", "Who buys gets 59400 ITD, who withdraws gives 60600 ITD",
                 "• a.example: 60000 ITD, 4 s old", "• b.example: no price",
                 "1 ETH: no rate, it has just jumped, and waits"):  # fmt: skip
        assert part in text, text


def test_fees_are_shown_with_what_the_network_takes_in_its_own_unit() -> None:
    text = figures.fees(EN, FEES).text
    for part in ("Purchases: 1.00 %", "each way: 0.50 %", "fees 12.5 ITD, rounding 0.000007 ITD",
                 "12 satoshi per virtual byte, 9 minutes ago", "31.50 gwei for gas, 3 hours ago",
                 "took in all: 0.01 ETH", "nothing is known of the network's price"):  # fmt: skip
        assert part in text, text


def test_people_and_volumes_are_shown_for_a_day_and_a_week() -> None:
    text = figures.statistics(EN, STATISTICS).text
    for part in ("People: 9, with a second factor: 8", "within 24 hours: 7, within 7 days: 6", "Sends: 3, 4.5 ITD",
                 "Withdrawals: 1, 5 ITD", "Fees of these: 0.6 ITD"):  # fmt: skip
        assert text.count(part) == (2 if ":" in part and "ITD" in part else 1), text


def test_every_process_is_shown_with_what_it_waits_for_and_since_when_it_is_silent() -> None:
    text = health.health(EN, HEALTH).text
    for part in ("<code>bot a:1</code> 0.1.0: well, for 5 hours", "waits: BTC node: no answer &lt;within&gt; 2 s",
                 "<code>bot b:2</code>: NOTHING HEARD since 2026-11-22 11:51 UTC",
                 "slowest loop <code>seal</code>, 7 s ago", "Lease ETH:31337: <code>w</code>, epoch 3",
                 "ETH: block 120 seen, up to 118", "Messages that wait: 4, the oldest for 20 minutes",
                 "Seals: 12; groups without one: 2", "99 records, gaps 0"):  # fmt: skip
        assert part in text, text
    never = replace(HEALTH, verification=None, outbox=Backlog(0, None), pulses=[])
    assert "never verified: run <code>wallet verify</code>" in health.health(EN, never).text


def test_a_batch_is_shown_with_its_attempts_confirmations_and_a_page_of_its_payouts() -> None:
    card = batches.batch(EN, batch_view(height=100, needed=6, network_fee_minor=2_500))
    for part in ("Block 100, confirmations 2, settled at 6", "Payouts: 20", "The network took 0.000025 BTC",
                 "Attempt 2, child that pays for its parent, 25 sat/vB, not sent",
                 "Attempt 1, payment, 12 sat/vB, sent",
                 f"<code>{TXID}</code>", "<code>&lt;bc1&gt;</code>, person 7: in a batch"):  # fmt: skip
        assert part in card.text, card.text
    assert [(b.label, b.action, b.argument) for b in card.rows[0]] == [
        ("Earlier", Action.BATCH, "b1 1"), ("Later", Action.BATCH, "b1 3"),
    ]  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("state", BatchState)
def test_every_card_of_figures_has_words_in_every_language_and_fits(language: str, state: BatchState) -> None:
    words = words_for(language)
    texts = (
        figures.hot_wallets(words, LEVELS).text,
        figures.rates(words, RATES).text,
        figures.fees(words, FEES).text,
        figures.statistics(words, STATISTICS).text,
        health.health(words, HEALTH).text,
        batches.batch(words, batch_view(state=state, unknown=True)).text,
    )
    for text in texts:
        assert "{" not in text and "None" not in text and len(text) < 4_096


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("alarm", SEVERITIES)
def test_every_alarm_says_what_to_do_in_every_language_and_what_is_typed_stays(language: str, alarm: str) -> None:
    told = advice(words_for(language), alarm)
    assert len(told) > 20 and "`" not in told
    assert language == "en" or told != advice(EN, alarm)
    assert told.count("<code>") == GUIDE[alarm].count("`") // 2


@pytest.mark.parametrize("language", LANGUAGES)
def test_many_alarms_fit_into_one_card_and_only_those_that_may_be_are_seen_to(language: str) -> None:
    found = [
        Alert(
            id=f"{alarm}:BTC", alarm=alarm, asset=Asset.BTC, subject=TXID, count=1_000, first_at=NOW, last_at=NOW,
            frozen=alarm == "foreign_spend",
        )
        for alarm in SEVERITIES
    ]  # fmt: skip
    card = alerts.alerts(words_for(language), found, decides=True)
    assert len(card.text) < 4_096 and card.text.count("<code>") == card.text.count("</code>")
    closable = [b.argument for row in card.rows for b in row if b.action is Action.ALERT_CLOSE]
    assert len(closable) == alerts.ALERTS_SHOWN - 1 and "foreign_spend:BTC" not in closable
    assert not [b for row in alerts.alerts(EN, found).rows for b in row if b.action is Action.ALERT_CLOSE]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("trouble", Trouble)
def test_every_trouble_of_a_day_has_words_in_every_language(language: str, trouble: Trouble) -> None:
    text = day_report.trouble_text(words_for(language), trouble)
    assert len(text) > 10 and (language == "en" or text != day_report.trouble_text(EN, trouble))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("state", RailState)
@pytest.mark.parametrize("asset", [Asset.BTC, Asset.USD])
def test_people_read_what_a_rail_does_not_do_and_since_when(language: str, state: RailState, asset: Asset) -> None:
    words = words_for(language)
    rail = Rail(id=asset, state=state, switched_at=NOW)
    (line,) = service.service_lines(words, Service(Switchboard(), (rail,)))
    assert words.moment(NOW) in line and "{" not in line


def test_an_alarm_is_told_to_people_as_a_wait_since_it_began_and_a_pause_of_everything_is_told_alone() -> None:
    rail = Rail(id=Asset.BTC, alarm="foreign_spend b1", alarm_at=NOW, switched_at=NOW - timedelta(days=9))
    (line,) = service.service_lines(EN, Service(Switchboard(), (rail,)))
    assert "wait in the queue" in line and "12:00 UTC" in line and "foreign_spend" not in line
    paused = Switchboard(mode=Mode.PAUSED, since=NOW)
    (line,) = service.service_lines(EN, Service(paused, (rail,)))
    assert line.startswith("Everything is paused") and "Your money is safe" in line
    assert service.service_lines(EN, Service(Switchboard())) == []
