"""Everything the server remembers: people, chats, messages and undelivered updates."""

import secrets
from dataclasses import dataclass, field, fields
from typing import Any

Json = dict[str, Any]

FIRST_PERSON_ID = 1_000_001
FIRST_GROUP_ID = -1_000_001
FIRST_UPDATE_ID = 100_000_001


@dataclass
class Stored:
    """A message in its present form; `seq` is raised by every change."""

    message: Json
    seq: int
    edited: bool = False
    deleted: bool = False

    def view(self) -> Json:
        """The message as the control API shows it; a deleted one as it last stood."""
        return {**self.message, "seq": self.seq, "edited": self.edited, "deleted": self.deleted}


@dataclass
class Chat:
    """A private chat with the bot, or a group that the bot is in."""

    info: Json
    members: list[int]
    #: The person has written to the bot at least once; before that a bot may not write.
    started: bool = False
    blocked: bool = False
    messages: dict[int, Stored] = field(default_factory=dict)
    pinned: list[int] = field(default_factory=list)
    #: The reply keyboard below the input field.
    keyboard: Json | None = None
    #: The message that brought it.
    keyboard_from: int | None = None
    menu_button: Json | None = None

    @property
    def is_private(self) -> bool:
        """A chat of one person with the bot."""
        return bool(self.info["type"] == "private")


@dataclass
class State:
    """The whole memory of the server, which the snapshot keeps."""

    #: Another one after every reset, when the same ids begin to mean other people.
    instance: str = field(default_factory=lambda: secrets.token_hex(8))
    people: dict[int, Json] = field(default_factory=dict)
    chats: dict[int, Chat] = field(default_factory=dict)
    next_person_id: int = FIRST_PERSON_ID
    next_group_id: int = FIRST_GROUP_ID
    next_update_id: int = FIRST_UPDATE_ID
    last_message_id: int = 0
    seq: int = 0
    updates: list[Json] = field(default_factory=list)
    allowed_updates: list[str] | None = None
    commands: list[Json] = field(default_factory=list)
    #: Texts about the bot by "kind:language".
    profile: dict[str, str] = field(default_factory=dict)
    files: dict[str, Json] = field(default_factory=dict)
    webhook: Json | None = None


def state_from_json(content: Json) -> State:
    """Rebuilds the state from a snapshot, also from one that another version wrote; JSON has only strings for keys."""
    kept = _known(State, content)
    people = {int(key): value for key, value in kept.pop("people").items()}
    chats = {int(key): _chat(value) for key, value in kept.pop("chats").items()}
    return State(people=people, chats=chats, **kept)


def _chat(content: Json) -> Chat:
    kept = _known(Chat, content)
    messages = {int(key): Stored(**_known(Stored, value)) for key, value in kept.pop("messages").items()}
    return Chat(messages=messages, **kept)


def _known(kind: type[State] | type[Chat] | type[Stored], content: Json) -> Json:
    names = {one.name for one in fields(kind)}
    return {name: value for name, value in content.items() if name in names}
