"""The entities that Telegram finds by itself in any text: commands, names, addresses and tags."""

import re
from typing import Any

from bot.sandbox.telegram import utf16

PATTERNS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("url", re.compile(r"(?<![\w@/.:])(?:https?|tg|ftp)://[^\s<>\"]+[^\s<>\".,:;!?')\]]", re.IGNORECASE)),
    ("email", re.compile(r"(?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)*\.[A-Za-z]{2,}")),
    (
        "url",
        re.compile(
            r"(?<![\w@/.:-])(?:[a-z0-9-]+\.)+(?:com|org|net|io|me|dev|info|app)(?::\d+)?(?:/[^\s<>\"]*[^\s<>\".,:;!?')])?"
            r"(?![\w@-])",
            re.IGNORECASE,
        ),
    ),
    ("bot_command", re.compile(r"(?<![\w/<>])/[A-Za-z0-9_]{1,64}(?:@[A-Za-z0-9_]{3,32})?(?![\w/])")),
    ("mention", re.compile(r"(?<![\w@/])@[A-Za-z][A-Za-z0-9_]{2,31}(?!\w)")),
    ("hashtag", re.compile(r"(?<![\w#/&])#(?=\w*[^\W\d])\w{1,256}")),
    ("cashtag", re.compile(r"(?<![\w$])\$(?:1INCH|[A-Z]{1,8})(?!\w)")),
)
#: Inside these nothing else is looked for.
OPAQUE = frozenset({"code", "pre", "text_link", "text_mention", "custom_emoji"})


def detect(text: str, given: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Answers the given entities and the found ones, in Telegram's order: by offset, the longer first."""
    taken = [_span(entity) for entity in given if entity["type"] in OPAQUE]
    found: list[dict[str, Any]] = []
    for kind, pattern in PATTERNS:
        for match in pattern.finditer(text):
            entity = _located(kind, text, match)
            if not any(_overlap(_span(entity), other) for other in taken):
                taken.append(_span(entity))
                found.append(entity)
    return sorted([*given, *found], key=lambda entity: (entity["offset"], -entity["length"]))


def _located(kind: str, text: str, match: re.Match[str]) -> dict[str, Any]:
    offset = utf16.length(text[: match.start()])
    return {"type": kind, "offset": offset, "length": utf16.length(match.group())}


def _span(entity: dict[str, Any]) -> tuple[int, int]:
    return entity["offset"], entity["offset"] + entity["length"]


def _overlap(one: tuple[int, int], other: tuple[int, int]) -> bool:
    return one[0] < other[1] and other[0] < one[1]
