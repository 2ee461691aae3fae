"""What a person's message carries: a text, somebody whom they share, a document."""

from __future__ import annotations

from telegram import Contact, Message, SharedUser, Update

from bot.context import SentFile


def file_of(message: Message) -> SentFile | None:
    """The document of a message. Telegram need not tell a size; what is fetched is measured again."""
    sent = message.document
    return SentFile(sent.file_id, sent.file_name or "file.csv", sent.file_size or 0) if sent else None


def text_of(update: Update) -> str:
    """What was written, or typed after the bot's name."""
    if update.inline_query:
        return update.inline_query.query.strip()
    return (update.message.text or "") if update.message else ""


def contact_of(message: Message | None) -> tuple[int, str] | None:
    """Whom a message shares, by a contact card or by choosing somebody; 0 for one without an account."""
    if message is None:
        return None
    if message.users_shared and message.users_shared.users:
        chosen = message.users_shared.users[0]
        return chosen.user_id, _name_of(chosen)
    return (message.contact.user_id or 0, _name_of(message.contact)) if message.contact else None


def _name_of(shared: Contact | SharedUser) -> str:
    """As the sender's own address book has it: it is shown to nobody else. Without what parts a draft's argument."""
    name = " ".join(part for part in (shared.first_name, shared.last_name) if part)
    return name.replace("|", " ")[:64]
