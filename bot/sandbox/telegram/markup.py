"""parse_mode HTML: markup into text and entities, with the refusals that the Bot API server has.

The rules and the wording follow tdlib's `MessageEntity.cpp` (parse_html), which the real server runs.
"""

import re
from dataclasses import dataclass
from typing import Any

from bot.sandbox.telegram import utf16
from bot.sandbox.telegram.errors import ApiError, bad_request

KINDS = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "tg-spoiler": "spoiler",
    "span": "spoiler",
    "blockquote": "blockquote",
    "code": "code",
    "pre": "pre",
    "a": "text_link",
    "tg-emoji": "custom_emoji",
}
NAMED_CHARACTERS = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
CHARACTER = re.compile(r"&(?:#(\d{1,7})|#x([0-9a-fA-F]{1,6})|([a-z]{1,6}));?")
ATTRIBUTE = re.compile(r"\s*([^\s=>/\"']+)(?:\s*=\s*(\"[^\"]*\"|'[^']*'|[A-Za-z0-9.-]+))?")
TAG_NAME = re.compile(r"[^\s>]*")
USER_LINK = re.compile(r"tg://user\?id=(\d+)")


@dataclass
class OpenTag:
    """A start tag whose end has not been met yet."""

    name: str
    attributes: dict[str, str]
    offset: int
    position: int


def parse_html(source: str) -> tuple[str, list[dict[str, Any]]]:
    """Answers the plain text and its entities; raises a 400 "can't parse entities" for bad markup."""
    return _Parser(source).run()


def _refusal(reason: str) -> ApiError:
    return bad_request(f"can't parse entities: {reason}")


class _Parser:
    def __init__(self, source: str) -> None:
        self.source = source
        self.at = 0
        self.text = ""
        self.offset = 0
        self.open: list[OpenTag] = []
        self.entities: list[dict[str, Any]] = []

    def run(self) -> tuple[str, list[dict[str, Any]]]:
        while self.at < len(self.source):
            self._step()
        if self.open:
            raise _refusal(f'Can\'t find end tag corresponding to start tag "{self.open[-1].name}"')
        return self.text, self.entities

    def _step(self) -> None:
        if self.source.startswith("</", self.at):
            self._end_tag()
        elif self.source[self.at] == "<":
            self._start_tag()
        elif self.source[self.at] == "&":
            self._character()
        else:
            stop = re.compile(r"[<&]").search(self.source, self.at)
            end = stop.start() if stop else len(self.source)
            self._append(self.source[self.at : end], end)

    def _append(self, piece: str, end: int) -> None:
        self.text += piece
        self.offset += utf16.length(piece)
        self.at = end

    def _character(self) -> None:
        match = CHARACTER.match(self.source, self.at)
        decoded = _decode(match) if match else None
        if match and decoded:
            self._append(decoded, match.end())
        else:
            self._append("&", self.at + 1)

    def _byte_offset(self, position: int) -> int:
        return len(self.source[:position].encode())

    def _start_tag(self) -> None:
        begin = self.at
        end = self.source.find(">", begin)
        if end < 0:
            raise _refusal(f"Unclosed start tag at byte offset {self._byte_offset(begin)}")
        named = TAG_NAME.match(self.source, begin + 1)
        name = named.group().lower() if named else ""
        if name not in KINDS:
            raise _refusal(f'Unsupported start tag "{name}" at byte offset {self._byte_offset(begin)}')
        attributes, self.at = self._attributes(name, begin, begin + 1 + len(name))
        if name == "span" and attributes.get("class") != "tg-spoiler":
            raise _refusal(f'Tag "span" must have class "tg-spoiler" at byte offset {self._byte_offset(begin)}')
        self.open.append(OpenTag(name, attributes, self.offset, len(self.text)))

    def _attributes(self, name: str, begin: int, position: int) -> tuple[dict[str, str], int]:
        attributes: dict[str, str] = {}
        while True:
            while self.source[position : position + 1].isspace():
                position += 1
            if self.source[position : position + 1] == ">":
                return attributes, position + 1
            match = ATTRIBUTE.match(self.source, position)
            if not match:
                where = self._byte_offset(begin)
                raise _refusal(f'Empty attribute name in the tag "{name}" at byte offset {where}')
            attributes[match.group(1).lower()] = _unquoted(match.group(2) or "")
            position = match.end()

    def _end_tag(self) -> None:
        begin = self.at
        where = self._byte_offset(begin)
        if not self.open:
            raise _refusal(f"Unexpected end tag at byte offset {where}")
        match = re.compile(r"</([^\s>]*)\s*>").match(self.source, begin)
        if not match:
            raise _refusal(f"Unclosed end tag at byte offset {where}")
        tag, found = self.open.pop(), match.group(1).lower()
        if found and found != tag.name:
            raise _refusal(f'Unmatched end tag at byte offset {where}, expected "</{tag.name}>", found "</{found}>"')
        self.at = match.end()
        if self.offset > tag.offset:
            self._close(tag)

    def _close(self, tag: OpenTag) -> None:
        entity = _entity(tag, self.text[tag.position :])
        if not entity:
            return
        entity |= {"offset": tag.offset, "length": self.offset - tag.offset}
        if tag.name == "pre" and self.entities and _same_span(self.entities[-1], entity):
            inner = self.entities.pop()
            if inner.get("language"):
                entity["language"] = inner["language"]
        self.entities.append(entity)


def _same_span(inner: dict[str, Any], outer: dict[str, Any]) -> bool:
    span = ("offset", "length")
    return inner["type"] == "code" and all(inner[key] == outer[key] for key in span)


def _decode(match: re.Match[str]) -> str | None:
    decimal, hexadecimal, named = match.groups()
    if named:
        return NAMED_CHARACTERS.get(named)
    code = int(decimal) if decimal else int(hexadecimal, 16)
    is_character = 0 < code < 0x110000 and not 0xD800 <= code < 0xE000
    return chr(code) if is_character else None


def _unquoted(value: str) -> str:
    if value[:1] in {'"', "'"}:
        value = value[1:-1]
    return CHARACTER.sub(lambda match: _decode(match) or match.group(), value)


def _entity(tag: OpenTag, covered: str) -> dict[str, Any] | None:
    if tag.name == "a":
        return _link(tag.attributes.get("href") or covered)
    if tag.name == "tg-emoji":
        return {"type": "custom_emoji", "custom_emoji_id": tag.attributes.get("emoji-id", "")}
    if tag.name == "blockquote" and "expandable" in tag.attributes:
        return {"type": "expandable_blockquote"}
    entity: dict[str, Any] = {"type": KINDS[tag.name]}
    language = tag.attributes.get("class", "")
    if tag.name == "code" and language.startswith("language-"):
        entity["language"] = language.removeprefix("language-")
    return entity


def _link(address: str) -> dict[str, Any] | None:
    person = USER_LINK.fullmatch(address)
    if person:
        return {"type": "text_mention", "user": {"id": int(person.group(1))}}
    if "://" not in address and "." in address:
        address = f"http://{address}"
    if re.match(r"(?:https?|tg|ton|tonsite)://[^\s]+$", address, re.IGNORECASE):
        return {"type": "text_link", "url": address}
    return None
