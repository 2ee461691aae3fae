"""Telegram counts text in UTF-16 code units (Bot API, MessageEntity)."""


def length(text: str) -> int:
    """The length of a text in UTF-16 code units."""
    return len(text) + sum(1 for character in text if ord(character) > 0xFFFF)


def cut(text: str, offset: int, size: int) -> str:
    """The part of a text that an entity covers, both figures in UTF-16 code units."""
    encoded = text.encode("utf-16-le")
    return encoded[offset * 2 : (offset + size) * 2].decode("utf-16-le", errors="replace")
