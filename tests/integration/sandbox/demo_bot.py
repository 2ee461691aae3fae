"""A small bot that shows everything the chat page can draw, and a small world outside."""

import asyncio
import contextlib
import io
from collections.abc import AsyncIterator
from typing import Any

import pyotp
import qrcode
from telegram import (
    BotCommand,
    CopyTextButton,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InlineQueryResultArticle,
    InputTextMessageContent,
    KeyboardButton,
    KeyboardButtonRequestUsers,
    ReplyKeyboardMarkup,
    ReplyKeyboardRemove,
    Update,
)
from telegram.ext import (
    ApplicationBuilder,
    CallbackQueryHandler,
    CommandHandler,
    ContextTypes,
    InlineQueryHandler,
    MessageHandler,
    filters,
)

from tests.integration.sandbox.conftest import TOKEN, Sandbox

Context = ContextTypes.DEFAULT_TYPE
DEVICE = pyotp.TOTP("JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP")
DEVICE_URI = DEVICE.provisioning_uri(name="ana", issuer_name="ITD Wallet")
ADDRESS = "0x52908400098527886E0F7030069857D2E4169EE7"
#: As for people who read from the right: between marks of direction (UAX 9), which are no part of an address.
PAYMENT_URI = f"\u2066ethereum:{ADDRESS}@31337?value=1.0345e16\u2069"
COMMANDS = {"start": "Begin", "balance": "What you have", "buy": "Buy ITD", "send": "Send ITD", "help": "All commands"}


def keyboard(*rows: list[str]) -> InlineKeyboardMarkup:
    return InlineKeyboardMarkup([[InlineKeyboardButton(text, callback_data=text) for text in row] for row in rows])


def qr_picture(text: str) -> bytes:
    content = io.BytesIO()
    qrcode.make(text).save(content, "PNG")
    return content.getvalue()


async def start(update: Update, context: Context) -> None:
    assert update.message
    await update.message.chat.send_action("typing")
    await update.message.reply_photo(qr_picture(DEVICE_URI), caption="Scan this", protect_content=True)
    escaped = DEVICE_URI.replace("&", "&amp;")
    await update.message.reply_html(
        "<b>Welcome to ITD Wallet</b>\nPair your device: scan the picture, or type this in:\n\n"
        f"<code>\u2066{escaped}\u2069</code>\n\n"
        "Then write the <b>6-digit code</b>. <tg-spoiler>Nobody sees this</tg-spoiler> "
        '<a href="https://example.org/">How it works</a>',
        protect_content=True,
    )


async def hear(update: Update, context: Context) -> None:
    assert update.message and update.message.text
    if not update.message.text.strip().isdigit():
        await update.message.reply_text(f"I heard: {update.message.text}", do_quote=True)
        return
    right = DEVICE.verify(update.message.text.strip(), valid_window=1)
    await update.message.delete()
    rows = (["Send", "Buy"], ["Withdraw", "History"], ["Limits and verification level"])
    await update.message.chat.send_message("The code is right" if right else "Wrong code", reply_markup=keyboard(*rows))


async def buy(update: Update, context: Context) -> None:
    assert update.message
    buttons = [
        [InlineKeyboardButton("Copy address", copy_text=CopyTextButton(ADDRESS))],
        [InlineKeyboardButton(text, callback_data=text) for text in ("Confirm", "Cancel")],
    ]
    await update.message.reply_html(
        f"<b>Invoice 12</b>\nPay exactly <code>0.010345</code> ETH to\n<code>{ADDRESS}</code>\n\n{PAYMENT_URI}\n"
        "<pre>rate   2,500.00 USD\nvalid  15 minutes</pre>",
        reply_markup=InlineKeyboardMarkup(buttons),
    )
    await update.message.reply_document(b"date,amount\n2026-01-01,5\n", filename="statement.csv", caption="Statement")


async def press(update: Update, context: Context) -> None:
    query = update.callback_query
    assert query and query.data
    if query.data.startswith("Limits"):
        await query.answer("Payouts today 3 of 3 at level 1, next at 00:00 UTC", show_alert=True)
        return
    await query.answer(f"Noted: {query.data}")
    await query.edit_message_text(f"You chose {query.data}.", reply_markup=keyboard(["Home", "Back"]))


async def ask_contact(update: Update, context: Context) -> None:
    assert update.message
    rows = [
        [KeyboardButton("Share my contact", request_contact=True)],
        [KeyboardButton("Pick", request_users=KeyboardButtonRequestUsers(1, request_name=True))],
    ]
    await update.message.reply_text("Share something", reply_markup=ReplyKeyboardMarkup(rows))


async def take_contact(update: Update, context: Context) -> None:
    assert update.message
    shared = update.message.contact or (update.message.users_shared and update.message.users_shared.users[0])
    assert shared
    await update.message.reply_text(f"Contact of {shared.first_name}", reply_markup=ReplyKeyboardRemove())


async def offer(update: Update, context: Context) -> None:
    assert update.inline_query
    content = InputTextMessageContent(f"A gift of {update.inline_query.query}")
    title = f"Send {update.inline_query.query}"
    await update.inline_query.answer([InlineQueryResultArticle("1", title, content)])


@contextlib.asynccontextmanager
async def demo_bot(sandbox: Sandbox) -> AsyncIterator[None]:
    """The bot, polling."""
    application = ApplicationBuilder().token(TOKEN).base_url(f"{sandbox.address}/bot").build()
    application.add_handlers(
        [
            CommandHandler("start", start),
            CommandHandler("buy", buy),
            CommandHandler("contact", ask_contact),
            CallbackQueryHandler(press),
            InlineQueryHandler(offer),
            MessageHandler(filters.CONTACT | filters.StatusUpdate.USERS_SHARED, take_contact),
            MessageHandler(filters.TEXT, hear),
        ]
    )
    async with application:
        await application.bot.set_my_commands([BotCommand(*pair) for pair in COMMANDS.items()])
        await application.bot.set_my_description("ITD Wallet keeps Internet Dollars in a chat.")
        await application.start()
        assert application.updater
        await application.updater.start_polling(timeout=5)
        yield
        await application.updater.stop()
        await application.stop()


class DemoWorld:
    """Chains, processes, admins, cards and books that only remember what was done to them."""

    def __init__(self) -> None:
        self.heights = {"btc": 101, "ltc": 432, "eth": 12}
        self.processes = {"mongod": "running", "bot": "running", "worker": "stopped"}
        self.done: list[Any] = []


class DemoChains:
    def __init__(self, world: DemoWorld) -> None:
        self.world = world

    async def state(self) -> list[dict[str, Any]]:
        heights = self.world.heights.items()
        return [{"chain": name, "height": height, "running": name != "ltc", "mempool": 0} for name, height in heights]

    async def mine(self, chain: str, blocks: int) -> dict[str, Any]:
        self.world.heights[chain] += blocks
        return {"height": self.world.heights[chain]}

    async def send(self, chain: str, address: str, amount: str) -> dict[str, Any]:
        self.world.done.append(("send", chain, address, amount))
        return {"txid": "ab" * 32}

    async def received(self, chain: str, address: str) -> dict[str, Any]:
        return {"amount": "0.010345", "confirmations": 2}

    async def reorg(self, chain: str, depth: int) -> dict[str, Any]:
        self.world.done.append(("reorg", chain, depth))
        return {"height": self.world.heights[chain]}


class DemoProcesses:
    def __init__(self, world: DemoWorld) -> None:
        self.world = world

    async def state(self) -> list[dict[str, Any]]:
        return [{"name": name, "state": state} for name, state in self.world.processes.items()]

    async def act(self, name: str, action: str) -> dict[str, Any]:
        self.world.processes[name] = "running" if action == "start" else "stopped"
        await asyncio.sleep(0)
        return {"name": name, "state": self.world.processes[name]}


class DemoAdmins:
    def __init__(self, world: DemoWorld) -> None:
        self.world = world

    async def make_admin(self, user: int, role: str) -> dict[str, Any]:
        self.world.done.append(("admin", user, role))
        return {"user": user, "role": role}


class DemoCards:
    async def sessions(self) -> list[dict[str, Any]]:
        return [{"id": "cs_test_a1b2c3", "state": "open", "amount": "10.00 USD", "actions": ["pay", "expire"]}]

    async def act(self, session: str, action: str, body: dict[str, Any]) -> dict[str, Any]:
        return {"id": session, "state": action}


class DemoOverview:
    async def totals(self) -> dict[str, Any]:
        payouts = [{"id": "p1", "amount": "5 ITD", "state": "confirming"}, {"id": "p2", "amount": "9 ITD"}]
        return {"queue": {"queued": 3, "paid": 12}, "ledger": {"people": "1,204.50 ITD"}, "newest_payouts": payouts}
