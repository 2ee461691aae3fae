"""Errors: one reason, one code."""

import pytest

from wallet_core.domain.errors import AlreadyDone, InvariantViolated, Reason, Refused, Unavailable, WalletError


def test_no_two_reasons_share_a_code() -> None:
    codes = [reason.value for reason in Reason.__members__.values()]
    assert len(codes) == len(set(codes)) == len(Reason)


@pytest.mark.parametrize("reason", Reason)
def test_a_reason_is_called_like_its_code(reason: Reason) -> None:
    assert reason.name.lower() == reason.value


def test_every_reaction_has_one_kind_of_error_and_no_kind_hides_another() -> None:
    kinds = (Refused, AlreadyDone, Unavailable, InvariantViolated)
    assert set(WalletError.__subclasses__()) == set(kinds)
    assert not any(issubclass(one, other) for one in kinds for other in kinds if one is not other)


def test_a_refusal_keeps_the_numbers_behind_it() -> None:
    refused = Refused(Reason.INSUFFICIENT_FUNDS, available_minor=1, needed_minor=2)
    assert refused.facts == {"available_minor": 1, "needed_minor": 2}
    assert "insufficient_funds" in str(refused)


def test_already_done_carries_the_first_result() -> None:
    assert AlreadyDone("first").result == "first"
