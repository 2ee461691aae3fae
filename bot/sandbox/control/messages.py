"""Chats as people see them: `/sim/chats/…`, `/sim/changes`, `/sim/files/…`."""

import time
from typing import Any

from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from bot.sandbox.control.requests import (
    WAIT_LIMIT_SECONDS,
    ControlError,
    body_of,
    chat_id_of,
    field,
    number,
    optional,
    route,
)
from bot.sandbox.telegram.methods.profile import commands_for
from bot.sandbox.telegram.parameters import Upload
from bot.sandbox.telegram.people import Draft, chat_with, person_of, press, write
from bot.sandbox.telegram.service import Telegram
from bot.sandbox.telegram.state import Chat

Json = dict[str, Any]
#: What a browser may draw by itself; anything else is only downloaded, so that no sent file can run as a page.
DRAWN_TYPES = frozenset({"image/png", "image/jpeg", "image/webp", "image/gif"})


def routes(telegram: Telegram) -> list[Route]:
    """The routes of this module."""
    return [
        route("GET", "/sim/chats/{chat}/messages", read, telegram),
        route("POST", "/sim/chats/{chat}/messages", send, telegram),
        route("POST", "/sim/chats/{chat}/press", push, telegram),
        route("GET", "/sim/chats/{chat}", show, telegram),
        route("GET", "/sim/changes", changes, telegram),
        route("GET", "/sim/files/{file_id}", file, telegram),
    ]


async def read(telegram: Telegram, request: Request) -> list[Json]:
    """GET …/messages: what changed after `seq` number `after`, waiting up to `wait` seconds for it."""
    chat = chat_with(telegram, chat_id_of(request))
    return await _changed_messages(telegram, [chat], number(request, "after"), number(request, "wait"))


async def send(telegram: Telegram, request: Request) -> Json:
    """POST …/messages: the person writes; JSON, or multipart with a file."""
    chat_id = chat_id_of(request)
    person_id, draft = await _draft(telegram, request)
    chat = chat_with(telegram, chat_id, person_id)
    message = await write(telegram, chat, person_id, draft)
    return chat.messages[message["message_id"]].view()


async def push(telegram: Telegram, request: Request) -> Json:
    """POST …/press: the person presses a button; answers with the toast."""
    body = await body_of(request)
    person_id = field(body, "from", int)
    chat = chat_with(telegram, chat_id_of(request), person_id)
    return await press(telegram, chat, person_id, field(body, "message_id", int), field(body, "data", str))


async def show(telegram: Telegram, request: Request) -> Json:
    """GET /sim/chats/{chat}: members, reply keyboard, pins, and the commands that its person sees."""
    chat = chat_with(telegram, chat_id_of(request))
    language = telegram.state.people[chat.members[0]].get("language_code", "en")
    action = telegram.actions.get(chat.info["id"])
    return {
        **chat.info,
        "members": chat.members,
        "blocked": chat.blocked,
        "keyboard": chat.keyboard,
        "pinned": chat.pinned,
        "commands": commands_for(telegram, chat, language),
        "action": action.name if action and action.until > time.monotonic() else None,
    }


async def changes(telegram: Telegram, request: Request) -> Json:
    """GET /sim/changes: like …/messages, for all chats at once, so that a page needs one connection only."""
    return await _changes(telegram, number(request, "after"), number(request, "wait"))


async def file(telegram: Telegram, request: Request) -> Response:
    """GET /sim/files/{id}: the bytes of a picture or file."""
    return _file(telegram, request.path_params["file_id"])


async def _changes(telegram: Telegram, after: float, wait: float) -> Json:
    """What is newer in all chats; also answers early, with no message, when something else changed."""
    if telegram.state.seq <= after and wait > 0:
        await telegram.changes.wait(min(wait, WAIT_LIMIT_SECONDS))
    messages = await _changed_messages(telegram, list(telegram.state.chats.values()), after, 0)
    known = {"seq": telegram.state.seq, "chats": len(telegram.state.chats)}
    return {**known, "messages": messages, "actions": _actions(telegram)}


async def _changed_messages(telegram: Telegram, chats: list[Chat], after: float, wait: float) -> list[Json]:
    deadline = time.monotonic() + min(wait, WAIT_LIMIT_SECONDS)
    while True:
        stored = [one for chat in chats for one in chat.messages.values() if one.seq > after]
        rest = deadline - time.monotonic()
        if stored or rest <= 0 or telegram.changes.stopped:
            return [one.view() for one in sorted(stored, key=lambda one: one.seq)]
        await telegram.changes.wait(rest)


def _actions(telegram: Telegram) -> dict[str, str]:
    now = time.monotonic()
    return {str(chat_id): action.name for chat_id, action in telegram.actions.items() if action.until > now}


async def _draft(telegram: Telegram, request: Request) -> tuple[int, Draft]:
    if request.headers.get("content-type", "").startswith("multipart/"):
        async with request.form() as form:
            return await _draft_with_file(form)
    body = await body_of(request)
    person_id = field(body, "from", int)
    draft = Draft(
        text=optional(body, "text", str) or "",
        contact=_contact(telegram, person_id, body.get("contact")),
        users_shared=_users_shared(telegram, optional(body, "users_shared", dict)),
        reply_to=optional(body, "reply_to", int),
    )
    return person_id, draft


async def _draft_with_file(form: FormData) -> tuple[int, Draft]:
    upload, fields = None, {}
    for name, value in form.multi_items():
        if isinstance(value, UploadFile):
            mime_type = value.content_type or "application/octet-stream"
            upload = Upload(value.filename or "file", mime_type, await value.read())
        else:
            fields[name] = value
    text = fields.get("caption") or fields.get("text") or ""
    as_document = fields.get("as") == "document"
    draft = Draft(text, reply_to=optional(fields, "reply_to", int), upload=upload, as_document=as_document)
    return field(fields, "from", int), draft


def _contact(telegram: Telegram, person_id: int, wanted: Any) -> Json | None:
    """A contact card; `true` means the person's own, and a bare id that of another person."""
    if not wanted:
        return None
    if isinstance(wanted, dict):
        first_name = str(wanted.get("first_name") or "Somebody")
        return {"phone_number": _phone(int(wanted.get("user_id") or 0)), "first_name": first_name} | wanted
    if wanted is True or isinstance(wanted, int):
        owner = person_of(telegram, person_id if wanted is True else wanted)
        return {"phone_number": _phone(owner["id"]), "first_name": owner["first_name"], "user_id": owner["id"]}
    raise ControlError('"contact" must be true, an id or a Contact object')


def _users_shared(telegram: Telegram, wanted: Json | None) -> Json | None:
    """The people that were picked after a button with `request_users`, with their names."""
    if not wanted:
        return None
    people = [person_of(telegram, user_id) for user_id in field(wanted, "user_ids", list)]
    told = ("first_name", "last_name", "username")
    shown = [{"user_id": one["id"], **{name: one[name] for name in told if name in one}} for one in people]
    return {"request_id": field(wanted, "request_id", int), "users": shown}


def _phone(person_id: int) -> str:
    """A number that cannot exist: 555-01xx is kept free for fiction."""
    return f"+1555{person_id % 10_000_000:07d}"


def _file(telegram: Telegram, file_id: str) -> Response:
    facts = telegram.files.facts(file_id)
    is_drawn = facts["mime_type"] in DRAWN_TYPES
    # What was kept before files had their names goes by its place.
    name = facts.get("name") or facts["file_path"].rpartition("/")[2]
    return FileResponse(
        telegram.files.location(facts),
        media_type=facts["mime_type"] if is_drawn else "application/octet-stream",
        filename=name,
        content_disposition_type="inline" if is_drawn else "attachment",
    )
