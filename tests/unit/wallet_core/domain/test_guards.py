"""The guards of a person: frozen, enrolled, role."""

import pytest

from tests.unit.wallet_core.world import NOON
from wallet_core.adapters.vault import KeyFileVault
from wallet_core.domain.errors import Reason, Refused
from wallet_core.domain.guards import (
    Guards,
    frozen,
    if_enrolled,
    if_role_reaches,
    sealed_role,
    set_role,
    thawed,
    unless_frozen,
)
from wallet_core.domain.people import Access, Role, access_of
from wallet_core.domain.record import Change, Target

VAULT = KeyFileVault({}, b"m" * 32)
MAC, FITS = VAULT.mac, VAULT.mac_fits
FROZEN = Guards(id=1, frozen_at=NOON, frozen_by="person:1")


def refusal(change: Change, guards: Guards | None) -> Refused:
    with pytest.raises(Refused) as refused:
        change.apply(guards.document() if guards else None, NOON)
    return refused.value


def after(change: Change, guards: Guards) -> Guards:
    return Guards.of(change.apply(guards.document(), NOON))


def test_all_guards_of_a_person_are_one_document_so_that_rivals_conflict() -> None:
    changes = (
        unless_frozen(1),
        if_enrolled(1, Reason.ENROL_FIRST),
        frozen(1, "x"),
        thawed(1, "x"),
        set_role(1, None, 1, MAC),
    )
    assert {change.target for change in changes} == {Target("guards", 1)}


def test_nobody_is_enrolled_frozen_or_an_admin_to_begin_with() -> None:
    fresh = Guards(id=1)
    assert (fresh.enrolled, fresh.frozen_at, fresh.role, fresh.level) == (False, None, None, 1)


def test_a_pending_secret_does_not_count_as_enrolled() -> None:
    assert not Guards(id=1, pending_secret=b"x").enrolled
    assert Guards(id=1, secret=b"x").enrolled


def test_nothing_leaves_a_frozen_person_and_they_hear_since_when_and_by_whom() -> None:
    refused = refusal(unless_frozen(1), FROZEN)
    assert refused.reason is Reason.FROZEN
    assert refused.facts == {"frozen_at": NOON, "frozen_by": "person:1"}


def test_a_person_who_is_not_frozen_passes_and_their_guards_are_written_back() -> None:
    assert after(unless_frozen(1), Guards(id=1, level=2)) == Guards(id=1, level=2)


def test_a_person_without_guards_passes_with_fresh_ones_so_that_a_freeze_conflicts_with_something() -> None:
    assert Guards.of(unless_frozen(1).apply(None, NOON)) == Guards(id=1)


def test_freezing_notes_the_time_and_the_name() -> None:
    assert after(frozen(1, "person:1"), Guards(id=1)) == FROZEN


def test_freezing_twice_keeps_the_first_freeze() -> None:
    assert refusal(frozen(1, "person:9"), FROZEN).reason is Reason.FROZEN


def test_who_froze_may_thaw() -> None:
    assert after(thawed(1, "person:1"), FROZEN) == Guards(id=1)


def test_a_person_cannot_end_an_admins_freeze() -> None:
    by_admin = Guards(id=1, frozen_at=NOON, frozen_by="person:9")
    assert refusal(thawed(1, "person:1"), by_admin).reason is Reason.FROZEN


def test_thawing_who_is_not_frozen_is_refused() -> None:
    assert refusal(thawed(1, "person:1"), Guards(id=1)).reason is Reason.NOT_FROZEN


@pytest.mark.parametrize("guards", [None, Guards(id=1), Guards(id=1, pending_secret=b"x")])
def test_who_has_not_enrolled_is_refused_with_the_reason_that_the_caller_gave(guards: Guards | None) -> None:
    change = if_enrolled(1, Reason.RECIPIENT_NOT_ENROLLED)
    assert refusal(change, guards).reason is Reason.RECIPIENT_NOT_ENROLLED


def test_guards_that_are_not_there_mean_enrol_first() -> None:
    with pytest.raises(Refused) as refused:
        Guards.required(None)
    assert refused.value.reason is Reason.ENROL_FIRST


def test_a_role_can_be_given_before_the_person_ever_wrote_and_taken_away() -> None:
    given = Guards.of(set_role(1, Role.FINANCE, 1, MAC).apply(None, NOON))
    assert given.role is Role.FINANCE
    assert after(set_role(1, None, 2, MAC), given).role is None
    assert refusal(set_role(1, Role.OWNER, 1, MAC), given).reason is Reason.CHANGED_MEANWHILE


def test_a_role_counts_only_with_its_seal_for_this_person_this_role_and_this_change() -> None:
    given = Guards.of(set_role(1, Role.SUPPORT, 1, MAC).apply(None, NOON)).model_copy(update={"secret": b"x"})
    assert sealed_role(given, FITS) is Role.SUPPORT
    forged = ({"role": Role.OWNER}, {"id": 2}, {"role_number": 2}, {"role_mac": ""})
    for fields in forged:
        planted = given.model_copy(update=fields)
        assert sealed_role(planted, FITS) is None
        change = if_role_reaches(planted.id, Access.SUPPORT, FITS)
        assert refusal(change, planted).reason is Reason.NOT_ALLOWED
    assert after(if_role_reaches(1, Access.SUPPORT, FITS), given) == given


@pytest.mark.parametrize(
    ("role", "access"),
    [
        (None, Access.ENROLLED),
        (Role.SUPPORT, Access.SUPPORT),
        (Role.FINANCE, Access.FINANCE),
        (Role.OWNER, Access.OWNER),
    ],
)
def test_each_role_reaches_exactly_its_own_level(role: Role | None, access: Access) -> None:
    assert access_of(role) is access
