"""The table of limits: what may be typed, which version counts when, and what no table may say."""

from datetime import timedelta
from typing import Any

import pytest

from tests.support.level_tables import changed_rows
from tests.unit.wallet_core.world import ITD, NOON
from wallet_core.domain.errors import InvariantViolated, Reason, Refused
from wallet_core.domain.guards import Guards
from wallet_core.domain.kyc import (
    BUILT_IN_LEVELS,
    LEVELS,
    LEVELS_READ,
    KnownLevels,
    LevelVersion,
    Limit,
    Operation,
    TakeLimit,
    Used,
    used,
)
from wallet_core.domain.level_table import (
    KNOWN_AHEAD,
    KNOWN_FOR,
    MOST_COUNT,
    LevelDraft,
    LevelRow,
    LevelTable,
    StoreTable,
    check_begun,
    differences,
    edited,
    version_of,
    whole,
)

TICK = timedelta(milliseconds=1)
DAY = "2026-11-22"
ROWS = whole(BUILT_IN_LEVELS.versions[0])
TABLE = LevelTable(id=1, rows=ROWS, begins_at=NOON + KNOWN_AHEAD, by=1, approved_by=2, at=NOON, note="why")


def limited(count: int, begins: timedelta | None, number: int = 0, itd: int = 1_000) -> LevelVersion:
    """Every level sends so often; beginning so long after noon."""
    rows = changed_rows(*(f"{level} send {count} {itd}" for level in LEVELS))
    return version_of(number, rows, None if begins is None else NOON + begins)


def sends(before: int, known: KnownLevels, after: timedelta, *, level: int = 1, itd: int = 1) -> Used | Reason:
    """What is counted, or why it is refused, of one more send so long after noon."""
    guards = Guards(id=1, level=level, limits={DAY: {"send": {"count": before, "amount_minor": before * ITD}}})
    try:
        change = TakeLimit(1, Operation.SEND, itd * ITD, DAY, known).apply(guards.document(), NOON + after)
    except Refused as refused:
        return refused.reason
    return used(Guards.of(change), Operation.SEND, DAY)


# Which version counts


@pytest.mark.parametrize(
    ("after", "number"),
    [
        (timedelta(0), 0),
        (timedelta(seconds=10) - TICK, 0),
        (timedelta(seconds=10), 1),
        (timedelta(seconds=10) + TICK, 1),
        (KNOWN_FOR - TICK, 1),
    ],
)
def test_a_version_counts_from_its_moment_on_and_not_before(after: timedelta, number: int) -> None:
    versions = (limited(3, None), limited(5, timedelta(seconds=10), 1))
    assert KnownLevels(versions, NOON + KNOWN_FOR).at(NOON + after).number == number


@pytest.mark.parametrize("after", [KNOWN_FOR, KNOWN_FOR + TICK, timedelta(days=1)])
def test_what_was_read_too_long_ago_decides_nothing(after: timedelta) -> None:
    with pytest.raises(Refused) as refused:
        KnownLevels((limited(3, None),), NOON + KNOWN_FOR).at(NOON + after)
    assert (refused.value.reason, refused.value.facts) == (Reason.CHANGED_MEANWHILE, {"what": LEVELS_READ})


def test_a_clock_that_was_set_back_before_all_versions_finds_the_earliest() -> None:
    known = KnownLevels((limited(3, timedelta(0), 4), limited(5, timedelta(seconds=10), 5)))
    assert known.at(NOON - TICK).number == 4


def test_whatever_is_known_at_one_moment_begins_later_than_it_is_known_for() -> None:
    """A reader who just missed a table: what they read is void before it begins, with time to spare for its commit."""
    assert KNOWN_FOR + timedelta(seconds=10) < KNOWN_AHEAD


@pytest.mark.parametrize(
    ("before", "after", "outcome"),
    [
        # Raised from 3 to 5 after ten seconds.
        (2, 9.999, Used(3, 3 * ITD)),
        (3, 9.999, Reason.LIMIT_COUNT),
        (3, 10, Used(4, 4 * ITD)),
        (4, 10, Used(5, 5 * ITD)),
        (5, 10, Reason.LIMIT_COUNT),
    ],
)
def test_a_raised_limit_is_taken_from_its_moment_on(before: int, after: float, outcome: Used | Reason) -> None:
    known = KnownLevels((limited(3, None), limited(5, timedelta(seconds=10), 1)))
    assert sends(before, known, timedelta(seconds=after)) == outcome


@pytest.mark.parametrize(
    ("before", "after", "outcome"),
    [
        # Lowered from 5 to 3: what was taken stays taken, and leaves nothing.
        (4, 9.999, Used(5, 5 * ITD)),
        (4, 10, Reason.LIMIT_COUNT),
        (3, 10, Reason.LIMIT_COUNT),
        (2, 10, Used(3, 3 * ITD)),
    ],
)
def test_a_lowered_limit_holds_from_its_moment_on(before: int, after: float, outcome: Used | Reason) -> None:
    known = KnownLevels((limited(5, None), limited(3, timedelta(seconds=10), 1)))
    assert sends(before, known, timedelta(seconds=after)) == outcome


@pytest.mark.parametrize(("itd", "outcome"), [(97, Used(4, 100 * ITD)), (98, Reason.LIMIT_AMOUNT)])
def test_amounts_are_of_the_version_too(itd: int, outcome: Used | Reason) -> None:
    known = KnownLevels((limited(9, None), limited(9, timedelta(seconds=10), 1, itd=100)))
    assert sends(3, known, timedelta(seconds=10), itd=itd) == outcome


def test_a_limit_of_nothing_allows_nothing() -> None:
    known = KnownLevels((version_of(1, changed_rows("1 send 0 0")),))
    assert sends(0, known, timedelta(0)) is Reason.LIMIT_COUNT
    assert sends(0, known, timedelta(0), level=2) == Used(1, ITD)


def test_a_level_that_there_is_not_is_no_level_without_limits() -> None:
    with pytest.raises(InvariantViolated, match="no level 4"):
        sends(0, BUILT_IN_LEVELS, timedelta(0), level=4)


# Rows


def test_a_table_in_rows_and_back_is_the_same() -> None:
    assert version_of(0, ROWS) == BUILT_IN_LEVELS.versions[0]
    assert len(ROWS) == len(LEVELS) * len(Operation)


def test_what_a_table_does_not_name_is_as_built_in() -> None:
    without = tuple(row for row in ROWS if row.operation != Operation.PURCHASE_LTC)
    assert version_of(1, without).levels == LEVELS


@pytest.mark.parametrize(
    "row",
    [
        LevelRow(level=0, operation="send", count=1, amount_minor=1),
        LevelRow(level=4, operation="send", count=1, amount_minor=1),
        LevelRow(level=1, operation="lend", count=1, amount_minor=1),
        LevelRow(level=1, operation="send", count=-1, amount_minor=1),
        LevelRow(level=1, operation="send", count=1, amount_minor=-1),
        LevelRow(level=1, operation="send", count=MOST_COUNT + 1, amount_minor=1),
        ROWS[0],
    ],
)
def test_a_table_that_this_program_does_not_understand_is_none(row: LevelRow) -> None:
    rows = (*ROWS, row) if row == ROWS[0] else (row, *ROWS[1:])
    with pytest.raises(InvariantViolated):
        version_of(7, rows)


@pytest.mark.parametrize(
    ("typed", "level", "operation", "limit"),
    [
        ("2 payout 12 3000", 2, Operation.PAYOUT, Limit(12, 3_000 * ITD)),
        ("1 SEND 0 0", 1, Operation.SEND, Limit(0, 0)),
        ("3 receive 100000 1000000000", 3, Operation.RECEIVE, Limit(100_000, 10**9 * ITD)),
        ("1 btc 2 12.5", 1, Operation.PURCHASE_BTC, Limit(2, 12_500_000)),
        ("1 purchase_eth 2 1", 1, Operation.PURCHASE_ETH, Limit(2, ITD)),
        ("1 card 1 1", 1, Operation.CARD, Limit(1, ITD)),
    ],
)
def test_one_limit_is_changed_by_typing_it(typed: str, level: int, operation: Operation, limit: Limit) -> None:
    rows = edited(ROWS, typed.split())
    assert version_of(1, rows).limit(level, operation) == limit
    assert len(differences(ROWS, rows)) == 1


@pytest.mark.parametrize(
    "typed",
    [
        "", "2", "2 payout", "2 payout 12", "2 payout 12 3000 now", "4 payout 1 1", "0 payout 1 1", "-1 payout 1 1",
        "2 lend 1 1", "2 payout -1 1", "2 payout 1 -1", "2 payout 1e3 1", "2 payout 1 1e3", "2 payout ١ 1",
        "2 payout 1 ١", "2 payout 100001 1", "2 payout 1 1000000000.000001", "2 payout 1 1.0000001", "x payout 1 1",
        "2 payout 1 NaN", f"2 payout {'9' * 5_000} 1", f"2 payout 1 {'9' * 5_000}", "2 payout 1_0 1",
    ],
)  # fmt: skip
def test_what_cannot_be_a_limit_is_refused_with_what_may_be_written(typed: str) -> None:
    with pytest.raises(Refused) as refused:
        edited(ROWS, typed.split())
    assert refused.value.reason is Reason.BAD_LEVEL
    assert {"btc", "card", "payout"} <= set(refused.value.facts["operations"])


# Storing


@pytest.mark.parametrize(("seconds", "is_stored"), [(0, True), (10, True), (10.001, False), (60, False)])
def test_a_table_that_was_sealed_a_while_ago_is_not_stored(seconds: float, is_stored: bool) -> None:
    change, now = StoreTable(TABLE), NOON + timedelta(seconds=seconds)
    if is_stored:
        assert LevelTable.of(change.apply(None, now)) == TABLE
        return
    with pytest.raises(Refused) as refused:
        change.apply(None, now)
    assert (refused.value.reason, refused.value.facts["what"]) == (Reason.CHANGED_MEANWHILE, LEVELS_READ)


def test_a_number_is_taken_once() -> None:
    with pytest.raises(Refused) as refused:
        StoreTable(TABLE).apply(TABLE.document(), NOON)
    assert refused.value.facts["what"] == LevelTable.collection


@pytest.mark.parametrize(
    "changed",
    [
        {"id": 2},
        {"rows": ROWS[1:]},
        {"rows": changed_rows("1 payout 3 251")},
        {"begins_at": NOON},
        {"by": 3},
        {"approved_by": 3},
        {"at": NOON - timedelta(seconds=1)},
        {"note": "w"},
    ],
)
def test_a_tables_seal_covers_all_of_it(changed: dict[str, Any]) -> None:
    assert TABLE.model_copy(update=changed).terms() != TABLE.terms()


@pytest.mark.parametrize("changed", [{"id": 2}, {"base": 1}, {"rows": ROWS[1:]}, {"note": "w"}])
def test_what_is_approved_is_the_whole_draft(changed: dict[str, Any]) -> None:
    draft = LevelDraft(id=1, base=0, rows=ROWS)
    assert draft.model_copy(update=changed).digest != draft.digest


def test_one_table_at_a_time_lies_ahead() -> None:
    ahead = TABLE.version()
    check_begun(ahead, TABLE.begins_at)
    check_begun(BUILT_IN_LEVELS.versions[0], NOON)
    with pytest.raises(Refused) as refused:
        check_begun(ahead, TABLE.begins_at - TICK)
    assert (refused.value.reason, refused.value.facts["begins_at"]) == (Reason.BAD_LEVEL, TABLE.begins_at)
