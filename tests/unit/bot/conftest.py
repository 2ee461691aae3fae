"""The bot on a wallet in memory, with a Telegram that only writes down what it is asked for."""

from __future__ import annotations

import pytest

from tests.unit.bot.stage import Stage


@pytest.fixture
def stage() -> Stage:
    """A fresh bot, wallet and Telegram."""
    return Stage()
