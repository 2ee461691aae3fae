"""Recovery codes: long enough not to be guessed, forgiving in how they are typed, stored as hashes only."""

import re
from collections.abc import Callable

import pytest

from wallet_core.adapters.recovery_codes import Argon2RecoveryCodes

CODES = Argon2RecoveryCodes()


@pytest.fixture(scope="module")
async def made() -> tuple[tuple[str, ...], dict[str, str]]:
    return await CODES.make()


def test_there_are_eight_codes_of_eighty_bits_and_no_two_alike(made: tuple[tuple[str, ...], dict[str, str]]) -> None:
    codes, _ = made
    assert [code[0] for code in codes] == list("12345678")
    assert all(re.fullmatch(r"[1-8](-[A-HJ-NP-Z2-9]{4}){4}", code) for code in codes)
    assert len({code[2:] for code in codes}) == 8


def test_only_argon2id_hashes_are_kept(made: tuple[tuple[str, ...], dict[str, str]]) -> None:
    codes, hashes = made
    assert all(stored.startswith("$argon2id$") for stored in hashes.values())
    assert not any(code[2:] in stored for code in codes for stored in hashes.values())


@pytest.mark.parametrize("change", [str, str.lower, lambda c: c.replace("-", ""), lambda c: f" {c.replace('-', ' ')} "])
async def test_a_code_may_be_typed_in_small_letters_and_without_dashes(
    made: tuple[tuple[str, ...], dict[str, str]], change: Callable[[str], str]
) -> None:
    codes, hashes = made
    assert await CODES.number_of(change(codes[2]), hashes) == "3"


async def test_a_used_code_is_worth_nothing(made: tuple[tuple[str, ...], dict[str, str]]) -> None:
    codes, hashes = made
    left = {number: stored for number, stored in hashes.items() if number != "3"}
    assert await CODES.number_of(codes[2], left) is None


async def test_a_code_under_another_number_is_wrong(made: tuple[tuple[str, ...], dict[str, str]]) -> None:
    codes, hashes = made
    assert await CODES.number_of("4" + codes[2][1:], hashes) is None


@pytest.mark.parametrize("typed", ["", " ", "-", "3", "3-AAAA-AAAA-AAAA-AAAA", "x" * 10_000, "9-AAAA", "²-AAAA"])
async def test_what_is_no_code_is_wrong(made: tuple[tuple[str, ...], dict[str, str]], typed: str) -> None:
    assert await CODES.number_of(typed, made[1]) is None


async def test_a_damaged_hash_lets_nobody_in(made: tuple[tuple[str, ...], dict[str, str]]) -> None:
    assert await CODES.number_of(made[0][2], {"3": "no hash"}) is None
