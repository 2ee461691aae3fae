"""Policies about what to trust: young factors and accounts, screened and similar addresses, a hot wallet's share."""

from datetime import timedelta

import pytest

from tests.unit.wallet_core.domain.asked_facts import (
    HARMLESS,
    TICK,
    asked,
    facts,
)
from tests.unit.wallet_core.world import ITD, NOON, OTHER_ADDRESS
from wallet_core.domain.policies import (
    Finding,
    Verdict,
)
from wallet_core.domain.policies.facts import most_similar, same_ends


@pytest.mark.parametrize(("old", "opens_in"), [(86_399, 1), (86_400, None), (86_401, None), (0, 86_400)])
def test_payouts_wait_until_the_second_factor_is_old_enough(old: int, opens_in: int | None) -> None:
    finding = asked("two_factor_age", facts(enrolled_at=NOON - timedelta(seconds=old)))
    opens_at = NOON + timedelta(seconds=opens_in) if opens_in else None
    assert (finding.verdict, finding.not_before) == (Verdict.APPROVE, opens_at)
    assert finding.numbers == ({"frees_at": opens_at} if opens_at else {})


def test_who_enrolled_before_that_was_noted_does_not_wait_and_is_not_young() -> None:
    unknown = facts(enrolled_at=None, member_since=None, amount_minor=150 * ITD)
    assert asked("two_factor_age", unknown) == asked("account_age", unknown) == Finding(Verdict.APPROVE)


@pytest.mark.parametrize(
    ("old", "minor", "verdict"),
    [
        (timedelta(days=7) - TICK, 100 * ITD, Verdict.APPROVE),
        (timedelta(days=7) - TICK, 100 * ITD + 1, Verdict.REVIEW),
        (timedelta(days=7), 100 * ITD + 1, Verdict.APPROVE),
        (timedelta(days=7) + TICK, 100 * ITD + 1, Verdict.APPROVE),
    ],
)
def test_more_of_what_a_young_account_withdraws_is_looked_at(old: timedelta, minor: int, verdict: Verdict) -> None:
    finding = asked("account_age", facts(member_since=NOON - old, amount_minor=minor))
    assert finding.verdict is verdict
    assert finding.numbers.get("frees_at") == (NOON + TICK if verdict is Verdict.REVIEW else None)


def test_an_address_on_the_screening_list_gets_nothing() -> None:
    assert asked("address_screening", facts(screened="theft of October")) == Finding(
        Verdict.REFUSE, {"why": "theft of October"}
    )


@pytest.mark.parametrize(
    ("coin_minor", "hot_minor", "share", "verdict"),
    [
        (49, 100, 50, Verdict.APPROVE),
        (50, 100, 50, Verdict.APPROVE),
        (51, 100, 50, Verdict.REVIEW),
        (100, 100, 100, Verdict.APPROVE),
        (101, 100, 100, Verdict.REVIEW),
        (1, 0, 50, Verdict.APPROVE),
        (99, 100, 0, Verdict.APPROVE),
    ],
)
def test_who_takes_a_large_part_of_the_hot_wallet_is_looked_at(
    coin_minor: int, hot_minor: int, share: int, verdict: Verdict
) -> None:
    given = facts(coin_minor=coin_minor, hot_minor=hot_minor)
    assert asked("hot_wallet_share", given, share_percent=share).verdict is verdict


@pytest.mark.parametrize(
    ("same", "known", "in_review", "verdict"),
    [
        (3, False, False, Verdict.APPROVE),
        (4, False, False, Verdict.REVIEW),
        (5, False, False, Verdict.REVIEW),
        (5, True, False, Verdict.APPROVE),
        (3, True, True, Verdict.APPROVE),
        (4, True, True, Verdict.REVIEW),
    ],
)
def test_an_address_that_looks_like_a_known_one_is_looked_at(
    same: int, known: bool, in_review: bool, verdict: Verdict
) -> None:
    since = HARMLESS.address_since if known else None
    alike = {"similar_address": OTHER_ADDRESS, "similar_characters": same}
    given = facts(**alike, address_since=since, address_in_review=in_review)
    finding = asked("look_alike_address", given)
    assert finding.verdict is verdict
    assert finding.numbers.get("similar_address") == (OTHER_ADDRESS if verdict is Verdict.REVIEW else None)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("0xabcd11111111ef01", "0xabcd22222222ef01", 4),
        ("0xABCD11111111ef01", "0xabcd22222222EF01", 4),
        ("0xabcd1111ef01", "0xabcd2222ef11", 1),
        ("0xabc1", "0xdef1", 0),
        ("bc1qaaaaxxxxzzzz", "bc1qaaaayyyyzzzz", 4),
        ("bcrt1qaaxxzz", "bcrt1qaayyzz", 2),
        ("LTabcdWWwxyz", "LTabcdVVwxyz", 4),
    ],
)
def test_what_all_addresses_begin_with_makes_none_look_alike(one: str, other: str, same: int) -> None:
    assert same_ends(one, other) == same_ends(other, one) == same


def test_the_address_itself_is_not_like_itself_and_the_most_similar_of_others_is_named() -> None:
    assert most_similar("0xaa11bb", ["0xaa11bb", "0xAA11BB"]) == (None, 0)
    assert most_similar("0xaa11bb", ["0xaa11bb", "0xa222cb", "0xaa99bb"]) == ("0xaa99bb", 2)
