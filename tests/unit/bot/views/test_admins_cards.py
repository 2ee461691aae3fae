"""What admins and people read of what the other side did, in every language."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from bot.actions import Action
from bot.views import security
from bot.views.card import Card
from bot.views.receipts import receipt
from bot.views.words import LANGUAGES, words_for
from wallet_core.domain.chat import OutboxMessage
from wallet_core.domain.freezing import Beneath

AT = datetime(2026, 11, 23, tzinfo=UTC)


def told(language: str, template: str, **facts: Any) -> Card:
    message = OutboxMessage(id="m#0", person=1, template=template, facts=facts, thread="t", at=AT, order=0)
    return receipt(words_for(language), message)


def actions(card: Card) -> list[Action | None]:
    return [button.action for row in card.rows for button in row]


@pytest.mark.parametrize("language", LANGUAGES)
def test_person_and_admin_read_what_keeps_a_wallet_frozen_after_an_admins_freeze(language: str) -> None:
    pages = [told(language, "thawed", **facts) for facts in ({}, {"stays": "own"}, {"stays": "reset"})]
    assert len({page.text for page in pages}) == 3
    assert [actions(page) for page in pages] == [[Action.FREEZE_NOW], [Action.UNFREEZE], []]
    assert len({security.user_unfrozen(words_for(language), stays).text for stays in (None, *Beneath)}) == 3
