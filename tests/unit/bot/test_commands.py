"""The menu of commands follows a role, and nobody else's."""

from __future__ import annotations

from typing import Any

import pytest

from bot.commands import follow_role
from bot.views.words import words_for
from tests.unit.wallet_core.world import NOON
from wallet_core.domain.chat import OutboxMessage


class Menus:
    """A bot that remembers which menu each chat has."""

    def __init__(self) -> None:
        self.of: dict[int, set[str] | None] = {}

    async def set_my_commands(self, commands: Any, scope: Any) -> None:
        self.of[scope.chat_id] = {command.command for command in commands}

    async def delete_my_commands(self, scope: Any) -> None:
        self.of[scope.chat_id] = None


def told(to: int, role: str | None, template: str = "role_changed") -> OutboxMessage:
    return OutboxMessage(id="1", person=to, template=template, facts={"person": 7, "role": role}, at=NOON, order=0)


@pytest.mark.parametrize("language", ["en", "de", "ar"])
async def test_whoever_gets_a_role_sees_its_commands_and_loses_them_with_it(language: str) -> None:
    bot: Any = Menus()
    await follow_role(bot, words_for(language), told(7, "finance"), chat=70)
    assert {"approvals", "start"} <= bot.of[70] and "audit" not in bot.of[70]
    await follow_role(bot, words_for(language), told(7, None), chat=70)
    assert bot.of == {70: None}


async def test_owners_who_are_told_of_it_keep_their_menu() -> None:
    bot: Any = Menus()
    await follow_role(bot, words_for("en"), told(8, "finance"), chat=80)
    await follow_role(bot, words_for("en"), told(7, "finance", "sent"), chat=70)
    assert bot.of == {}
