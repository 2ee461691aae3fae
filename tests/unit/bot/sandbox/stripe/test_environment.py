"""Who is told what about the stand-in for Stripe."""

from pathlib import Path

import pytest

from bot.card_webhook import PATH
from bot.sandbox.environment import STRIPE_WEBHOOK_PATH, Environments, Servers, environments, process_environment
from bot.sandbox.folder import Folder
from bot.sandbox.secrets_guard import findings
from bot.sandbox.stripe.server import MOUNT

GIVEN = {"STRIPE_API_KEY": "sk_test_of_somebody", "STRIPE_WEBHOOK_SECRET": "whsec_of_somebody"}


@pytest.fixture
def settings(tmp_path: Path) -> Environments:
    return environments(Folder(tmp_path), Servers(8090, "mongodb://127.0.0.1:1/", {}, 8091, 8092), {})


def test_the_worker_has_the_key_and_the_bot_the_webhooks_secret(settings: Environments) -> None:
    bot, worker = (process_environment(one, GIVEN) for one in (settings.bot, settings.worker))
    assert (worker["STRIPE_API_KEY"], worker["STRIPE_API_BASE"]) == ("sk_test_sandbox", f"http://127.0.0.1:8090{MOUNT}")
    assert bot["STRIPE_WEBHOOK_SECRET"] == "whsec_sandbox"
    assert "STRIPE_WEBHOOK_SECRET" not in worker
    assert "STRIPE_API_KEY" not in bot and "STRIPE_API_BASE" not in bot
    assert findings(bot) == findings(worker) == []


def test_webhooks_go_where_the_bot_takes_them(settings: Environments) -> None:
    assert STRIPE_WEBHOOK_PATH == PATH
    assert Servers(1, "", {}, 8091, 2).stripe_webhook == f"http://127.0.0.1:8091{PATH}"


def test_the_card_world_is_reset_with_the_rest(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    folder.cards.mkdir()
    (folder.cards / "stripe.jsonl").write_text("")
    folder.reset()
    assert not folder.cards.exists()
