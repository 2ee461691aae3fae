"""Typed changes of a set of policies: what is understood, what is refused with what there is instead."""

from typing import Any

import pytest

from tests.unit.wallet_core.world import ITD
from wallet_core.domain.errors import Reason, Refused
from wallet_core.domain.policies import POLICIES, PolicySet, check_set
from wallet_core.domain.policy_editing import Difference, differences, edited, typed_name, whole

ENTRIES = whole(PolicySet(id=0))


def changes(*typed: str) -> list[tuple[str, str, Any, Any]]:
    entries = ENTRIES
    for text in typed:
        entries = edited(entries, text.split())
    check_set(PolicySet(id=1, entries=entries))
    return [(one.policy, one.what, one.before, one.after) for one in differences(ENTRIES, entries)]


@pytest.mark.parametrize(
    ("typed", "change"),
    [
        ("amount_threshold review_above 500", ("amount_threshold", "review_above_minor", 200 * ITD, 500 * ITD)),
        ("amount_threshold review_above_minor 0.5", ("amount_threshold", "review_above_minor", 200 * ITD, ITD // 2)),
        ("AMOUNT_THRESHOLD Review_Above 0", ("amount_threshold", "review_above_minor", 200 * ITD, 0)),
        ("new_address wait 90s", ("new_address", "wait_seconds", 86_400, 90)),
        ("new_address wait 5m", ("new_address", "wait_seconds", 86_400, 300)),
        ("new_address wait 2h", ("new_address", "wait_seconds", 86_400, 7_200)),
        ("new_address wait 7d", ("new_address", "wait_seconds", 86_400, 604_800)),
        ("new_address wait 12", ("new_address", "wait_seconds", 86_400, 12)),
        ("velocity hour_count 3", ("velocity", "hour_count", 30, 3)),
        ("velocity hour_count none", ("velocity", "hour_count", 30, None)),
        ("velocity day_amount 1000", ("velocity", "day_amount_minor", None, 1_000 * ITD)),
        ("hot_wallet_share share 10", ("hot_wallet_share", "share_percent", 50, 10)),
        ("velocity off", ("velocity", "enabled", True, False)),
        ("velocity place 1", ("velocity", "place", 8, 1)),
        ("frozen_person place 15", ("frozen_person", "place", 1, 15)),
        ("two_factor_age place 2", ("two_factor_age", "place", 5, 2)),
    ],
)
def test_a_typed_change_is_one_difference(typed: str, change: tuple[str, str, Any, Any]) -> None:
    assert change in changes(typed)
    assert len([one for one in changes(typed) if one[1] != "place"]) == (0 if change[1] == "place" else 1)


def test_changes_add_up_and_may_be_taken_back() -> None:
    assert len(changes("velocity off", "new_address wait 1h")) == 2
    assert changes("velocity off", "velocity on", "velocity place 1", "velocity place 8") == []
    assert changes("velocity place 1") == [("velocity", "place", 8, 1)]


@pytest.mark.parametrize(
    "typed",
    [
        "amount_threshold review_above -1",
        "amount_threshold review_above much",
        "amount_threshold review_above 1e400",
        "amount_threshold review_above none",
        "amount_threshold threshold 5",
        "amount_threshold review_above",
        "amount_threshold",
        "new_address wait 31d",
        "new_address wait 1w",
        "new_address wait ١٢",
        "new_address wait 9999999999",
        "velocity hour_count 0",
        "velocity week_count 1001",
        "velocity hour_count 1.5",
        "hot_wallet_share share 101",
        "velocity place 0",
        "velocity place 16",
        "velocity place ²",
        "velocity off now",
        "frozen_person anything 1",
        "frozen_person off",
        "owed_money off",
        "daily_limit off",
        "card_money off",
    ],
)
def test_what_does_not_fit_is_refused_with_what_there_is(typed: str) -> None:
    with pytest.raises(Refused) as refused:
        edited(ENTRIES, typed.split())
    assert (refused.value.reason, refused.value.facts["policy"]) == (Reason.BAD_POLICY, typed.split(maxsplit=1)[0])


@pytest.mark.parametrize("typed", ["", "nights off"])
def test_an_unknown_policy_is_answered_with_all_names(typed: str) -> None:
    with pytest.raises(Refused) as refused:
        edited(ENTRIES, typed.split())
    assert refused.value.facts["policies"] == tuple(policy.name for policy in POLICIES)


def test_every_parameter_may_be_typed_without_its_unit() -> None:
    for policy in POLICIES:
        names = [typed_name(field) for field in policy.parameters.model_fields]
        assert len(set(names)) == len(names)
        assert not set(names) & {"on", "off", "place", "note", "from"}


def test_a_policy_that_is_new_since_the_set_is_no_difference() -> None:
    assert differences(ENTRIES[:-1], ENTRIES) == ()
    assert Difference("a", "b", 1, 2) != Difference("a", "b", 1, 3)
