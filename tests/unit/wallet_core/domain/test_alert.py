"""When an alarm is told, counted, reminded of and over."""

from datetime import datetime, timedelta

import pytest

from tests.unit.wallet_core.world import NOON
from wallet_core.domain.alert import (
    Alert,
    AlertNote,
    CloseAlert,
    NoteAlert,
    Severity,
    Telling,
    due,
    noted,
    severity_of,
    wait_before,
)
from wallet_core.domain.errors import Reason, Refused
from wallet_core.domain.money import Asset

RAISED = NoteAlert("foreign_spend", Asset.ETH, "b1", frozen=True)


def minutes(count: float) -> datetime:
    return NOON + timedelta(minutes=count)


def alert(alarm: str = "foreign_spend", **fields: object) -> Alert:
    document = NoteAlert(alarm, Asset.ETH, "b1").apply(None, NOON)
    return Alert.of({**document, **fields})


def test_one_alert_counts_what_is_raised_until_it_is_closed_and_begins_anew_after_that() -> None:
    first = RAISED.apply(None, NOON)
    second = NoteAlert("foreign_spend", Asset.ETH, "b2").apply(first, minutes(1))
    found = Alert.of(second)
    assert (found.id, found.episode, found.count, found.subject) == ("foreign_spend:ETH", 1, 2, "b2")
    # What stopped a rail stays so, whatever comes after it.
    assert (found.first_at, found.last_at, found.frozen) == (NOON, minutes(1), True)
    closed = CloseAlert.of(found, 7).apply(second, minutes(2))
    assert Alert.of(closed).closed_by == 7
    again = Alert.of(NoteAlert("foreign_spend", Asset.ETH, "b3").apply(closed, minutes(3)))
    assert (again.episode, again.count, again.first_at, again.closed_at, again.frozen) == (
        2,
        1,
        minutes(3),
        None,
        False,
    )


def test_what_was_raised_since_it_was_looked_at_is_not_closed_with_it() -> None:
    seen = Alert.of(RAISED.apply(None, NOON))
    raised_again = RAISED.apply(RAISED.apply(None, NOON), minutes(1))
    with pytest.raises(Refused) as refused:
        CloseAlert.of(seen, 7).apply(raised_again, minutes(2))
    assert refused.value.reason is Reason.CHANGED_MEANWHILE
    closed = CloseAlert.of(Alert.of(raised_again), 7).apply(raised_again, minutes(2))
    for gone in (None, closed):
        with pytest.raises(Refused) as refused:
            CloseAlert.of(seen, 7).apply(gone, minutes(3))
        assert refused.value.reason is Reason.NOT_FOUND


def test_something_critical_is_said_again_at_growing_intervals_until_it_is_closed() -> None:
    one, note, at, waited = alert(), None, NOON, []
    for _ in range(10):
        telling = due(one, note, at)
        while telling is None:
            at += timedelta(minutes=1)
            telling = due(one, note, at)
        if note is not None:
            waited.append(round((at - note.told_at).total_seconds() / 60))
        note = noted(one, note, telling, at)
    assert waited == [15, 30, 60, 120, 240, 480, 960, 1440, 1440]
    assert (note.reminders, note.messages) == (9, 10)  # type: ignore[union-attr]  # told ten times
    closed = one.model_copy(update={"closed_at": at})
    assert due(closed, note, at) is Telling.CLOSED
    assert due(closed, noted(closed, note, Telling.CLOSED, at), minutes(99_999)) is None


@pytest.mark.parametrize("alarm", ["fee_capped", "card_refund_elsewhere"])
def test_what_is_not_critical_is_told_once(alarm: str) -> None:
    note = noted(alert(alarm), None, Telling.NEWS, NOON)
    assert due(alert(alarm), note, minutes(99_999)) is None


def test_a_count_that_rises_is_told_but_not_all_the_time() -> None:
    note = noted(alert(), None, Telling.NEWS, NOON)
    more = alert(count=9)
    assert due(more, note, NOON + timedelta(seconds=29)) is None
    assert due(more, note, NOON + timedelta(seconds=30)) is Telling.NEWS
    again = noted(more, note, Telling.NEWS, minutes(1))
    assert (again.count, again.reminders, again.messages) == (9, 0, 2)


def test_a_new_episode_is_news_and_an_old_one_that_is_over_is_none() -> None:
    note = AlertNote(id="foreign_spend:ETH", episode=1, count=3, closed=True, reminders=5, messages=7, told_at=NOON)
    assert due(alert(episode=2), note, NOON) is Telling.NEWS
    assert noted(alert(episode=2), note, Telling.NEWS, NOON).reminders == 0
    # A chat that is set up today is not told of what was over before.
    assert due(alert(closed_at=NOON), None, NOON) is None


def test_an_alarm_that_this_program_does_not_know_is_as_grave_as_any() -> None:
    assert severity_of("something_new") is Severity.CRITICAL
    assert wait_before(10_000) == timedelta(days=1)
