"""A text as it goes into a message: parsed, trimmed, measured, with every entity in its place."""

from dataclasses import dataclass
from typing import Any

from bot.sandbox.telegram import utf16
from bot.sandbox.telegram.detection import detect
from bot.sandbox.telegram.errors import bad_request
from bot.sandbox.telegram.markup import parse_html
from bot.sandbox.telegram.parameters import Parameters

#: Bot API, sendMessage and sendPhoto: lengths after the entities have been parsed.
TEXT_LIMIT = 4096
CAPTION_LIMIT = 1024
ENTITY_LIMIT = 100
PLAIN_KINDS = frozenset(
    {"bold", "italic", "underline", "strikethrough", "spoiler", "code", "pre", "blockquote", "expandable_blockquote"}
)
KINDS_WITH_FIELD = {"text_link": "url", "text_mention": "user", "custom_emoji": "custom_emoji_id"}


@dataclass(frozen=True)
class Formatted:
    """A text and its entities."""

    text: str
    entities: list[dict[str, Any]]

    def fields(self, text_key: str) -> dict[str, Any]:
        """The message fields: `text` and `entities`, or `caption` and `caption_entities`."""
        if not self.text:
            return {}
        entities_key = "entities" if text_key == "text" else "caption_entities"
        return {text_key: self.text, **({entities_key: self.entities} if self.entities else {})}


def read_text(call: Parameters) -> Formatted:
    """The `text` of a call; 400 when it is empty or longer than 4096 characters."""
    formatted = format_text(call.text("text") or "", call.text("parse_mode"), call.structure("entities"))
    if not formatted.text:
        raise bad_request("message text is empty")
    if utf16.length(formatted.text) > TEXT_LIMIT:
        raise bad_request("message is too long")
    return formatted


def read_caption(call: Parameters) -> Formatted:
    """The `caption` of a call, which may be empty; 400 above 1024 characters."""
    return checked_caption(call.text("caption"), call.text("parse_mode"), call.structure("caption_entities"))


def checked_caption(caption: str | None, parse_mode: str | None, entities: Any) -> Formatted:
    """A caption from its three fields; 400 above 1024 characters."""
    formatted = format_text(caption or "", parse_mode, entities)
    if utf16.length(formatted.text) > CAPTION_LIMIT:
        raise bad_request("message caption is too long")
    return formatted


def format_text(source: str, parse_mode: str | None, entities: Any = None) -> Formatted:
    """Parses by the parse mode (HTML, or none with ready entities), trims, and finds what Telegram finds."""
    text, given = source.replace("\r", ""), _given(entities)
    if parse_mode:
        if parse_mode.lower() != "html":
            raise bad_request("unsupported parse_mode")
        text, given = parse_html(text)
    text, given = _trimmed(text, given)
    return Formatted(text, detect(text, given[:ENTITY_LIMIT]))


def _given(entities: Any) -> list[dict[str, Any]]:
    if entities is None:
        return []
    if not isinstance(entities, list):
        raise bad_request("can't parse entities: expected an Array of MessageEntity")
    return [clean for entity in entities if (clean := _checked(entity))]


def _checked(entity: Any) -> dict[str, Any] | None:
    if not isinstance(entity, dict) or not all(isinstance(entity.get(key), int) for key in ("offset", "length")):
        raise bad_request("can't parse MessageEntity: Object expected")
    kind = str(entity.get("type"))
    field = KINDS_WITH_FIELD.get(kind)
    if entity["length"] <= 0 or (kind not in PLAIN_KINDS and not field):
        return None
    if field and field not in entity:
        raise bad_request(f"can't parse MessageEntity: Can't find field \"{field}\"")
    keys = ["type", "offset", "length", *([field] if field else []), *(["language"] if kind == "pre" else [])]
    return {key: entity[key] for key in keys if key in entity}


def _trimmed(text: str, entities: list[dict[str, Any]]) -> tuple[str, list[dict[str, Any]]]:
    shorter = text.lstrip()
    removed = utf16.length(text) - utf16.length(shorter)
    shorter = shorter.rstrip()
    clipped = (_clipped(entity, removed, utf16.length(shorter)) for entity in entities)
    return shorter, [entity for entity in clipped if entity["length"] > 0]


def _clipped(entity: dict[str, Any], removed: int, size: int) -> dict[str, Any]:
    begin = max(entity["offset"] - removed, 0)
    end = min(entity["offset"] + entity["length"] - removed, size)
    return {**entity, "offset": begin, "length": end - begin}
