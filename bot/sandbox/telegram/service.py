"""The server's memory and the few ways in which it changes."""

import time
from dataclasses import dataclass
from pathlib import Path

from bot.sandbox.telegram.errors import bad_request, forbidden
from bot.sandbox.telegram.faults import Faults
from bot.sandbox.telegram.files import Files
from bot.sandbox.telegram.inline import Inline
from bot.sandbox.telegram.parameters import Parameters
from bot.sandbox.telegram.pulse import Pulse
from bot.sandbox.telegram.queries import Queries
from bot.sandbox.telegram.snapshot import Snapshot
from bot.sandbox.telegram.state import Chat, Json, Stored
from bot.sandbox.telegram.updates import Updates

BOT_USERNAME = "itd_wallet_sandbox_bot"
BOT_NAME = "ITD Wallet (sandbox)"
#: The oldest messages of a chat are forgotten beyond this many.
MESSAGES_PER_CHAT_LIMIT = 5_000
#: Bot API, sendChatAction: the status is shown for 5 seconds or less.
ACTION_SECONDS = 5.0


@dataclass(frozen=True)
class Action:
    """What the bot seems to be doing in a chat, until a point of the monotonic clock."""

    name: str
    until: float


class Telegram:
    """One bot's Telegram: people, chats, messages, updates, open queries and ordered faults."""

    def __init__(self, token: str, data_dir: Path) -> None:
        self.token = token
        self.snapshot = Snapshot(data_dir)
        self.state = self.snapshot.load()
        self.updates = Updates(self.state)
        self.queries = Queries()
        self.inline = Inline()
        self.files = Files(self.state, data_dir / "files")
        self.faults = Faults()
        #: Beats at every change that a person could see.
        self.changes = Pulse()
        self.actions: dict[int, Action] = {}

    @property
    def bot(self) -> Json:
        """The bot as a `User`; its id is the first part of its token, as with Telegram."""
        head = self.token.split(":")[0]
        bot_id = int(head) if head.isdigit() else 1
        name = self.state.profile.get("name:", BOT_NAME)
        return {"id": bot_id, "is_bot": True, "first_name": name, "username": BOT_USERNAME}

    def stop(self) -> None:
        """Ends every wait, so that the server can go down at once."""
        self.snapshot.stop()
        self.changes.stop()
        self.updates.pulse.stop()
        self.queries.stop()
        self.inline.stop()

    def chat_of(self, call: Parameters) -> Chat:
        """The chat that a call names and that the bot knows; 400 "chat not found" otherwise."""
        if not call.text("chat_id"):
            raise bad_request("chat_id is empty")
        text = str(call.text("chat_id"))
        chat = self.state.chats.get(int(text)) if text.removeprefix("-").isdigit() else None
        if not chat or not self._is_known(chat):
            raise bad_request("chat not found")
        return chat

    def open_chat_of(self, call: Parameters) -> Chat:
        """The chat that a call writes to; 403 when its person keeps the bot out."""
        chat = self.chat_of(call)
        if chat.blocked:
            raise forbidden("bot was blocked by the user" if chat.is_private else "bot was kicked from the group chat")
        if chat.is_private and not chat.started:
            raise forbidden("bot can't initiate conversation with a user")
        return chat

    def _is_known(self, chat: Chat) -> bool:
        return chat.started or any(chat.info["id"] in other.members for other in self._groups())

    def _groups(self) -> list[Chat]:
        return [chat for chat in self.state.chats.values() if not chat.is_private]

    def add_message(self, chat: Chat, content: Json) -> Json:
        """Puts a new message into a chat and answers it whole."""
        self.state.last_message_id += 1
        message_id = self.state.last_message_id
        head: Json = {"message_id": message_id, "date": int(time.time()), "chat": chat.info}
        chat.messages[message_id] = Stored({**head, **content}, 0)
        while len(chat.messages) > MESSAGES_PER_CHAT_LIMIT:
            del chat.messages[next(iter(chat.messages))]
        self.actions.pop(chat.info["id"], None)
        self.touch(chat.messages[message_id])
        return chat.messages[message_id].message

    def touch(self, stored: Stored) -> None:
        """Gives a changed message the newest `seq`."""
        self.state.seq += 1
        stored.seq = self.state.seq
        self.changed()

    def changed(self) -> None:
        """Tells the page and the snapshot."""
        self.snapshot.changed()
        self.changes.beat()

    def push(self, kind: str, content: Json) -> None:
        """Sends an update to the bot."""
        self.updates.push(kind, content)
        self.snapshot.changed()

    def show_action(self, chat: Chat, name: str) -> None:
        """The bot is "typing" for a few seconds."""
        self.actions[chat.info["id"]] = Action(name, time.monotonic() + ACTION_SECONDS)
        self.changes.beat()
