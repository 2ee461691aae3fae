"""A bot in memory: the real dispatcher, routes and use cases; Telegram is a list of calls."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import count
from typing import Any

from telegram import InlineKeyboardMarkup, Message, Update

from bot.app import ROUTES
from bot.chats import Chats
from bot.dispatch import Dispatcher
from bot.routes import CHOSEN, TIP, TYPED, Kind, Route, Table
from tests.unit.wallet_core.world import World
from wallet_core.domain.chat import Draft, Tap

PERSON = 501
#: Whose message a tip replies to.
JOKER = 502
_numbers = count(1)


@dataclass
class Call:
    """One call of the Bot API."""

    method: str
    chat: int
    text: str = ""
    markup: InlineKeyboardMarkup | None = None
    content: bytes = b""


@dataclass
class FakeFile:
    """A file that a person sent. Telegram need not tell its size."""

    content: bytes
    file_size: int | None = None

    async def download_as_bytearray(self) -> bytearray:
        return bytearray(self.content)


@dataclass
class FakeBot:
    """Takes the calls of ``Chats`` and remembers them; ``fails`` are raised first, one a call."""

    calls: list[Call] = field(default_factory=list)
    fails: list[Exception] = field(default_factory=list)
    #: What people sent, by file id.
    files: dict[str, bytes] = field(default_factory=dict)

    async def send_message(self, chat: int, text: str, **more: Any) -> Message:
        return self._take(Call("send", chat, text, more.get("reply_markup")))

    async def send_photo(self, chat: int, photo: bytes, caption: str, **more: Any) -> Message:
        return self._take(Call("photo", chat, caption, more.get("reply_markup")))

    async def send_document(self, chat: int, document: bytes, caption: str, **more: Any) -> Message:
        return self._take(Call("document", chat, caption, more.get("reply_markup"), document))

    @property
    def username(self) -> str:
        return "wallet_bot"

    async def answer_inline_query(self, query: str, results: list[Any], **more: Any) -> bool:
        said = [result.description for result in results] + [more["button"].text if more.get("button") else ""]
        self._take(Call("suggest", 0, "\n".join(said)))
        return True

    async def edit_message_text(self, text: str, chat: int = 0, message_id: int = 0, **more: Any) -> Message:
        return self._take(Call("edit", chat, text, more.get("reply_markup")))

    async def edit_message_reply_markup(self, chat: int, message_id: int, **more: Any) -> Message:
        return self._take(Call("disarm", chat))

    async def get_file(self, file_id: str) -> FakeFile:
        self._take(Call("fetch", 0))
        return FakeFile(self.files[file_id])

    async def delete_message(self, chat: int, message_id: int) -> bool:
        self._take(Call("delete", chat))
        return True

    async def answer_callback_query(self, query: str, text: str, **more: Any) -> bool:
        self._take(Call("toast", 0, text or more.get("url") or ""))
        return True

    async def set_my_commands(self, *args: Any, **more: Any) -> bool:
        return True

    def _take(self, call: Call) -> Message:
        if self.fails:
            raise self.fails.pop(0)
        self.calls.append(call)
        made = Message.de_json({"message_id": next(_numbers), "date": 0, "chat": _chat(call.chat)}, None)
        assert made is not None
        return made

    def said(self) -> str:
        """All texts that people see."""
        return "\n".join(call.text for call in self.calls)


class Stage:
    """The dispatcher with its routes, and updates to give it."""

    def __init__(self) -> None:
        self.world = World()
        self.bot = FakeBot()
        chats = Chats(self.bot, self.world.ports.store)  # type: ignore[arg-type]  # no library's bot, but all that is called of one
        self.woken = 0
        self.dispatcher = Dispatcher(self.world.ports, chats, Table(ROUTES), self._wake)

    def _wake(self) -> None:
        self.woken += 1

    async def command(self, text: str, **more: Any) -> None:
        """``/name args`` in the private chat."""
        name = text[1:].split(maxsplit=1)[0]
        route = Table(ROUTES).of(Kind.COMMAND, name)
        await self.dispatcher.command(route, message(text, **more), None)

    async def text(self, text: str = "", **more: Any) -> None:
        """Any other message."""
        await self.dispatcher.message(message(text, **more), None)

    async def abroad(self, kind: str, person: int = PERSON) -> None:
        """What inline mode brings of each kind, and a tip by reply."""
        if kind == TIP:
            joke = message("a joke", person=JOKER, chat=-5).message
            assert joke
            route = Table(ROUTES).of(Kind.COMMAND, "tip")
            update = message("/tip 5", person, chat=-5, reply_to_message=joke.to_dict())
            await self.dispatcher.command(route, update, None)
        elif kind == TYPED:
            query = {"id": "1", "from": _user(person), "query": "5 ITD", "offset": ""}
            await self.dispatcher.typed(_update(inline_query=query), None)
        elif kind == CHOSEN:
            result = {"result_id": "1", "from": _user(person), "query": "5", "inline_message_id": "x"}
            await self.dispatcher.chosen(_update(chosen_inline_result=result), None)
        else:
            button = {
                "id": "1",
                "from": _user(person),
                "chat_instance": "1",
                "data": "forged",
                "inline_message_id": "x",
            }
            await self.dispatcher.button(_update(callback_query=button), None)

    async def press(self, data: str, person: int = PERSON, chat: int | None = None) -> None:
        """A pressed button."""
        await self.dispatcher.button(pressed(data, person, chat), None)

    async def tap_of(self, route: Route, argument: str = "1", person: int = PERSON) -> str:
        """A button for a route, as a card would have it."""
        expires_at = self.world.clock().replace(year=2030)
        tap = Tap(
            id=f"tap{next(_numbers)}",
            card="card",
            person=person,
            chat=person,
            action=route.name,
            argument=argument,
            expires_at=expires_at,
        )
        await self.world.ports.store.put(tap)
        return str(tap.id)

    async def wait_for(self, route: Route, argument: str = "1", person: int = PERSON) -> None:
        """A question that waits for its answer."""
        expires_at = self.world.clock().replace(year=2030)
        draft = Draft(id=person, action=route.name, argument=argument, expires_at=expires_at)
        await self.world.ports.store.put(draft)

    def last_data(self, label: str) -> str:
        """What the newest button with this label carries."""
        for call in reversed(self.bot.calls):
            rows = call.markup.inline_keyboard if call.markup else ()
            for button in (button for row in rows for button in row):
                if button.text == label:
                    return str(button.callback_data)
        raise AssertionError(f"no button {label!r}")


def message(text: str = "", person: int = PERSON, chat: int | None = None, **content: Any) -> Update:
    """An update with a message."""
    body = {
        "message_id": next(_numbers),
        "date": 0,
        "chat": _chat(chat or person),
        "from": _user(person),
        **({"text": text} if text else {}),
        **content,
    }
    return _update(message=body)


def pressed(data: str, person: int = PERSON, chat: int | None = None) -> Update:
    """An update with a pressed button."""
    card = {"message_id": next(_numbers), "date": 0, "chat": _chat(chat or person), "text": "card"}
    query = {"id": "1", "from": _user(person), "chat_instance": "1", "data": data, "message": card}
    return _update(callback_query=query)


def _update(**content: Any) -> Update:
    made = Update.de_json({"update_id": next(_numbers), **content}, None)
    assert made is not None
    return made


def _user(person: int) -> dict[str, Any]:
    return {"id": person, "is_bot": False, "first_name": f"P{person}", "username": f"user{person}"}


def _chat(chat: int) -> dict[str, Any]:
    return {"id": chat, "type": "private" if chat > 0 else "group", **({} if chat > 0 else {"title": "Group"})}
