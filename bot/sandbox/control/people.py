"""People and groups: `/sim/users`, `/sim/groups`, `/sim/bot`."""

import re
from typing import Any

from starlette.requests import Request
from starlette.routing import Route

from bot.sandbox.control.requests import ControlError, body_of, field, optional, route
from bot.sandbox.telegram.methods.profile import TEXT_LIMITS
from bot.sandbox.telegram.people import add_group, add_person, chat_with, follow, set_blocked
from bot.sandbox.telegram.service import Telegram

Json = dict[str, Any]
USERNAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{2,31}")
LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")


def routes(telegram: Telegram) -> list[Route]:
    """The routes of this module."""
    return [
        route("POST", "/sim/users", create_user, telegram),
        route("GET", "/sim/users", list_users, telegram),
        route("POST", "/sim/users/{user:int}/block", block, telegram),
        route("POST", "/sim/users/{user:int}/open", open_link, telegram),
        route("POST", "/sim/groups", create_group, telegram),
        route("GET", "/sim/groups", list_groups, telegram),
        route("GET", "/sim/bot", show_bot, telegram),
    ]


async def create_user(telegram: Telegram, request: Request) -> Json:
    """POST /sim/users: a new person; their private chat has the same id."""
    body = await body_of(request)
    username = (optional(body, "username", str) or "").strip().removeprefix("@") or None
    language = optional(body, "language_code", str) or "en"
    if username and not USERNAME.fullmatch(username):
        raise ControlError("a username has 3 to 32 letters, digits and underscores and begins with a letter")
    if not LANGUAGE.fullmatch(language):
        raise ControlError("a language code looks like en or pt-BR")
    return add_person(telegram, _name(field(body, "first_name", str)), username, language)


async def list_users(telegram: Telegram, request: Request) -> list[Json]:
    """GET /sim/users: everybody, with `started` and `blocked`."""
    return [_listed(telegram, person) for person in telegram.state.people.values()]


async def block(telegram: Telegram, request: Request) -> Json:
    """POST /sim/users/{id}/block: the person stops the bot, or with `"blocked": false` takes it back."""
    body = await body_of(request)
    chat = chat_with(telegram, int(request.path_params["user"]))
    set_blocked(telegram, chat, optional(body, "blocked", bool) is not False)
    return {"blocked": chat.blocked}


async def open_link(telegram: Telegram, request: Request) -> Json:
    """POST /sim/users/{id}/open: the person opens a link to the bot, in whatever chat they saw it."""
    body = await body_of(request)
    person_id = int(request.path_params["user"])
    message = await follow(telegram, person_id, field(body, "url", str))
    return chat_with(telegram, person_id).messages[message["message_id"]].view()


async def create_group(telegram: Telegram, request: Request) -> Json:
    """POST /sim/groups: a group with the bot in it."""
    body = await body_of(request)
    members = field(body, "members", list)
    if not members or not all(isinstance(member, int) for member in members):
        raise ControlError('"members" must be a list of ids with somebody in it')
    return add_group(telegram, _name(field(body, "title", str)), members)


async def list_groups(telegram: Telegram, request: Request) -> list[Json]:
    """GET /sim/groups."""
    chats = telegram.state.chats.values()
    return [{**chat.info, "members": chat.members} for chat in chats if not chat.is_private]


async def show_bot(telegram: Telegram, request: Request) -> Json:
    """GET /sim/bot: the bot, its texts, and the `instance` that another reset would change."""
    texts = {kind: telegram.state.profile.get(f"{kind}:", "") for kind in TEXT_LIMITS if kind != "name"}
    return {**telegram.bot, **texts, "instance": telegram.state.instance}


def _name(text: str) -> str:
    name = " ".join(text.split())
    if not 0 < len(name) <= 64:
        raise ControlError("a name has 1 to 64 characters")
    return name


def _listed(telegram: Telegram, person: Json) -> Json:
    chat = telegram.state.chats[person["id"]]
    return {**person, "blocked": chat.blocked, "started": chat.started}
