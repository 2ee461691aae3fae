"""What the core's unit tests start from."""

import pytest

from tests.unit.wallet_core.world import World
from wallet_core.settings import Settings


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """A developer's own environment must not decide how a test ends."""
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture
def world() -> World:
    """A fresh wallet in memory, at noon, with the default settings and no rail."""
    return World()
