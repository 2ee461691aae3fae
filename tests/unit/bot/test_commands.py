"""The menu of commands follows a role, and nobody else's."""

from __future__ import annotations

from typing import Any

import pytest

from bot.commands import follow_move, follow_role
from bot.views.words import words_for
from tests.unit.wallet_core.world import NOON, World
from wallet_core.domain.chat import OutboxMessage
from wallet_core.domain.people import Role


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


def moved(to: int, template: str = "account_move", *, is_owner: bool = True) -> OutboxMessage:
    facts = {"state": "done", "is_owner": is_owner}
    return OutboxMessage(id="1", person=to, template=template, facts=facts, at=NOON, order=0)


async def test_the_menu_of_an_admin_goes_with_the_account_that_moves() -> None:
    world, bot, words = World(), Menus(), words_for("en")
    await world.person(7, role=Role.FINANCE)
    await world.person(8)
    sent: Any = bot
    await follow_move(sent, world.ports, words, moved(7), 70)
    await follow_move(sent, world.ports, words, moved(8), 80)
    await follow_move(sent, world.ports, words, moved(9, is_owner=False), 90)
    await follow_move(sent, world.ports, words, moved(2**53, "account_moved_away"), 7)
    assert list(bot.of) == [70, 7] and bot.of[7] is None
    assert "approvals" in (bot.of[70] or ()) and "audit" not in (bot.of[70] or ())
