"""Showing a secret for an authenticator, and taking it away again."""

from __future__ import annotations

from datetime import timedelta

from bot.actions import Question
from bot.chats import picture_thread
from bot.context import Turn
from bot.views.card import Card


def pairing_thread(turn: Turn) -> str:
    """The thread of the card that shows the secret."""
    return f"enrolment:{turn.caller.person}"


async def show_pairing(turn: Turn, card: Card, question: Question, lifetime: timedelta) -> None:
    """Shows the secret, in place of one that was shown before, and waits for its first code."""
    await delete_pairing(turn)
    await turn.show(card)
    await turn.wait_for(question, lifetime=lifetime)


async def delete_pairing(turn: Turn) -> None:
    """Picture and key go away."""
    thread = pairing_thread(turn)
    await turn.chats.delete_thread(picture_thread(thread))
    await turn.chats.delete_thread(thread)
