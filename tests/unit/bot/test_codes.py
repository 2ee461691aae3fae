"""Codes are told from amounts and talk, so that none stays in a chat and no amount is deleted."""

from __future__ import annotations

import pytest

from bot.codes import code_of, has_code


@pytest.mark.parametrize("text", ["123456", " 123456 ", "123 456", "123-456", "123456\n"])
def test_a_code_is_six_digits(text: str) -> None:
    assert code_of(text) == "123456" and has_code(text)


@pytest.mark.parametrize("text", ["12345", "1234567", "١٢٣٤٥٦", "12 34 56", "", "a123456", "1" * 10_000, "123456 7"])
def test_nothing_else_is_a_code(text: str) -> None:
    assert code_of(text) is None


@pytest.mark.parametrize("text", ["code 123456", "123456!", "it is 123 456.", "2-ABCD-EFGH-JKLM-NPQR", "(123456)"])
def test_a_code_among_words_is_found(text: str) -> None:
    assert has_code(text)


@pytest.mark.parametrize("text", ["12.123456", "1234567", "0.123456", "123456.5", "hello", "/history", "1,234,567"])
def test_amounts_and_talk_are_left_alone(text: str) -> None:
    assert not has_code(text)
