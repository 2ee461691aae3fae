"""What the core's unit tests start from."""

import hypothesis
import pytest

from tests.unit.wallet_core.world import World
from wallet_core.settings import Settings

# Nothing here asserts a time: a busy machine may take as long as it likes. And many a wallet that is drawn cannot pay
# what is drawn beside it.
_ALLOWED = (hypothesis.HealthCheck.too_slow, hypothesis.HealthCheck.filter_too_much)
hypothesis.settings.register_profile("core", deadline=None, suppress_health_check=_ALLOWED)
hypothesis.settings.load_profile("core")


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """A developer's own environment must not decide how a test ends."""
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture
def world() -> World:
    """A fresh wallet in memory, at noon, with the default settings and no rail."""
    return World()
