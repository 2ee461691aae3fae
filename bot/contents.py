"""What a person's message carries: a text, somebody whom they share, a document."""

from __future__ import annotations

from dataclasses import dataclass

from telegram import Contact, Message, SharedUser, Update

from bot.context import SentFile


@dataclass(frozen=True, slots=True)
class Shared:
    """Somebody whom a message shares; ``person`` is None where Telegram does not know them."""

    person: int | None
    name: str
    #: Contact cards tell one.
    telephone: str = ""
    #: From Telegram's own list, and not as a contact card.
    chosen: bool = False


def text_of(update: Update) -> str:
    """What was written, or typed after the bot's name."""
    if update.inline_query:
        return update.inline_query.query.strip()
    return (update.message.text or "") if update.message else ""


def shared_by(message: Message | None) -> Shared | None:
    """Whom a message shares, by a contact card or by choosing somebody."""
    if message is None:
        return None
    if message.users_shared and message.users_shared.users:
        chosen = message.users_shared.users[0]
        return Shared(chosen.user_id, _name_of(chosen), chosen=True)
    contact = message.contact
    return Shared(contact.user_id, _name_of(contact), contact.phone_number) if contact else None


def file_of(message: Message) -> SentFile | None:
    """The document or picture of a message. Telegram need not tell a size; what is fetched is measured again."""
    sent = message.document
    if sent:
        return SentFile(sent.file_id, sent.file_name or "file.csv", sent.file_size or 0)
    if not message.photo:
        return None
    # Telegram makes smaller copies of each picture (Bot API, Message.photo).
    largest = max(message.photo, key=lambda size: size.width * size.height)
    return SentFile(largest.file_id, "", largest.file_size or 0, is_picture=True)


def _name_of(shared: Contact | SharedUser) -> str:
    """As the sender's own address book has it: it is shown to nobody else. Without what parts a draft's argument."""
    name = " ".join(part for part in (shared.first_name, shared.last_name) if part)
    return name.replace("|", " ")[:64]
