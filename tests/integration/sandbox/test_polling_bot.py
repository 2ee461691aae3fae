"""A whole python-telegram-bot application talks to the server over HTTP, as the wallet's bot does."""

import contextlib
import io
from collections.abc import AsyncIterator
from typing import Any

import pytest
from PIL import Image
from telegram import (
    BotCommand,
    BotCommandScopeAllPrivateChats,
    CopyTextButton,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InlineQueryResultArticle,
    InputMediaPhoto,
    InputTextMessageContent,
    Update,
)
from telegram.ext import (
    Application,
    ApplicationBuilder,
    CallbackQueryHandler,
    ChosenInlineResultHandler,
    CommandHandler,
    ContextTypes,
    InlineQueryHandler,
    MessageHandler,
    filters,
)

from tests.integration.sandbox.conftest import TOKEN, Sandbox

Context = ContextTypes.DEFAULT_TYPE


def picture(colour: str) -> bytes:
    content = io.BytesIO()
    Image.new("RGB", (40, 30), colour).save(content, "PNG")
    return content.getvalue()


async def start(update: Update, context: Context) -> None:
    assert update.message and update.effective_user
    keyboard = InlineKeyboardMarkup(
        [
            [InlineKeyboardButton("Confirm", callback_data="yes"), InlineKeyboardButton("Cancel", callback_data="no")],
            [InlineKeyboardButton("Copy", copy_text=CopyTextButton("0xabc"))],
        ]
    )
    text = f"<b>Hello</b> {update.effective_user.first_name}, args <code>{' '.join(context.args or [])}</code>"
    await update.message.reply_html(text, reply_markup=keyboard, protect_content=True)


async def pressed(update: Update, context: Context) -> None:
    query = update.callback_query
    assert query
    await query.edit_message_text(f"You chose {query.data}")
    await query.answer("Noted", show_alert=query.data == "no")


async def show_picture(update: Update, context: Context) -> None:
    assert update.message
    sent = await update.message.reply_photo(picture("red"), caption="<i>red</i>", parse_mode="HTML")
    await sent.edit_media(InputMediaPhoto(picture("blue"), caption="blue"))
    await sent.edit_caption("<u>bluer</u>", parse_mode="HTML")
    await update.message.reply_document(b"a,b\n1,2\n", filename="statement.csv", caption="statement")


async def read_file(update: Update, context: Context) -> None:
    assert update.message
    source = update.message.document or update.message.photo[-1]
    content = await (await source.get_file()).download_as_bytearray()
    await update.message.delete()
    await update.message.chat.send_message(f"{len(content)} bytes, {update.message.caption}")


async def contact(update: Update, context: Context) -> None:
    assert update.message and update.message.contact
    await update.message.reply_text(f"contact {update.message.contact.user_id}", do_quote=True)


async def offer(update: Update, context: Context) -> None:
    assert update.inline_query
    keyboard = InlineKeyboardMarkup([[InlineKeyboardButton("Take", callback_data="take")]])
    content = InputTextMessageContent(f"A gift of {update.inline_query.query}")
    await update.inline_query.answer([InlineQueryResultArticle("1", "Gift", content, reply_markup=keyboard)])


async def chosen(update: Update, context: Context) -> None:
    assert update.chosen_inline_result
    await context.bot.edit_message_text("Ready", inline_message_id=update.chosen_inline_result.inline_message_id)


async def tip(update: Update, context: Context) -> None:
    assert update.message and update.message.reply_to_message and update.message.reply_to_message.from_user
    await update.message.reply_text(f"tip for {update.message.reply_to_message.from_user.first_name}")


async def set_commands(application: Application[Any, Any, Any, Any, Any, Any]) -> None:
    await application.bot.set_my_commands([BotCommand("start", "Begin")])
    scope = BotCommandScopeAllPrivateChats()
    await application.bot.set_my_commands([BotCommand("start", "Los")], scope=scope, language_code="de")


@contextlib.asynccontextmanager
async def polling(sandbox: Sandbox) -> AsyncIterator[None]:
    builder = ApplicationBuilder().token(TOKEN).base_url(f"{sandbox.address}/bot")
    application = builder.base_file_url(f"{sandbox.address}/file/bot").build()
    application.add_handlers(
        [
            CommandHandler("start", start),
            CommandHandler("picture", show_picture),
            CommandHandler("tip", tip),
            CallbackQueryHandler(pressed),
            InlineQueryHandler(offer),
            ChosenInlineResultHandler(chosen),
            MessageHandler(filters.CONTACT, contact),
            MessageHandler(filters.PHOTO | filters.Document.ALL, read_file),
        ]
    )
    async with application:
        await set_commands(application)
        await application.start()
        assert application.updater
        await application.updater.start_polling(timeout=5)
        yield
        await application.updater.stop()
        await application.stop()


@pytest.fixture
async def talking(sandbox: Sandbox) -> AsyncIterator[Sandbox]:
    async with polling(sandbox):
        yield sandbox


async def test_a_command_is_answered_with_entities_and_a_keyboard(talking: Sandbox) -> None:
    ana = await talking.person("Ana")
    said = await talking.say(ana, "/start abc")
    assert said["entities"] == [{"type": "bot_command", "offset": 0, "length": 6}]
    answer = await talking.newest(ana, said["seq"])
    assert answer["text"] == "Hello Ana, args abc"
    assert [entity["type"] for entity in answer["entities"]] == ["bold", "code"]
    assert answer["has_protected_content"] and not answer["edited"] and not answer["deleted"]
    assert answer["reply_markup"]["inline_keyboard"][1][0]["copy_text"] == {"text": "0xabc"}


@pytest.mark.parametrize(("data", "alert"), [("yes", False), ("no", True)])
async def test_a_pressed_button_is_answered_with_its_toast(talking: Sandbox, data: str, alert: bool) -> None:
    ana = await talking.person()
    said = await talking.say(ana, "/start")
    card = await talking.newest(ana, said["seq"])
    press = {"from": ana, "message_id": card["message_id"], "data": data}
    assert await talking.post(f"/sim/chats/{ana}/press", **press) == {"toast": "Noted", "alert": alert}
    edited = await talking.newest(ana, card["seq"])
    assert (edited["message_id"], edited["text"]) == (card["message_id"], f"You chose {data}")
    assert edited["edited"] and edited["seq"] > card["seq"] and "reply_markup" not in edited


async def test_pictures_and_documents_arrive_and_change(talking: Sandbox) -> None:
    ana = await talking.person()
    said = await talking.say(ana, "/picture")
    document: dict[str, Any] = {}
    while "document" not in document:
        document = await talking.newest(ana, document.get("seq", said["seq"]))
    photo = next(m for m in await talking.get(f"/sim/chats/{ana}/messages", after=said["seq"]) if "photo" in m)
    assert (photo["caption"], photo["caption_entities"][0]["type"], photo["edited"]) == ("bluer", "underline", True)
    file = await talking.control.get(f"/sim/files/{photo['photo'][-1]['file_id']}")
    assert file.content == picture("blue") and file.headers["content-type"] == "image/png"
    assert (document["document"]["file_name"], document["document"]["mime_type"]) == ("statement.csv", "text/csv")


async def test_a_persons_file_is_fetched_and_deleted_by_the_bot(talking: Sandbox) -> None:
    ana = await talking.person()
    sent = await talking.control.post(
        f"/sim/chats/{ana}/messages",
        data={"from": str(ana), "caption": "passport"},
        files={"file": ("passport.pdf", b"%PDF-1.4", "application/pdf")},
    )
    message = sent.json()
    answer: dict[str, Any] = {}
    while "text" not in answer:
        answer = await talking.newest(ana, answer.get("seq", message["seq"]))
    assert answer["text"] == "8 bytes, passport"
    listed = await talking.get(f"/sim/chats/{ana}/messages")
    assert {m["message_id"]: m["deleted"] for m in listed}[message["message_id"]]


async def test_a_contact_is_delivered_and_replied_to(talking: Sandbox) -> None:
    ana, ben = await talking.person("Ana"), await talking.person("Ben")
    sent = await talking.post(f"/sim/chats/{ana}/messages", **{"from": ana}, contact=ben)
    answer = await talking.newest(ana, sent["seq"])
    assert answer["text"] == f"contact {ben}"
    assert answer["reply_to_message"]["message_id"] == sent["message_id"]


async def test_commands_follow_the_language_of_the_person(talking: Sandbox) -> None:
    ana, udo = await talking.person("Ana"), await talking.person("Udo", language_code="de")
    for person, description in ((ana, "Begin"), (udo, "Los")):
        chat = await talking.get(f"/sim/chats/{person}")
        assert chat["commands"] == [{"command": "start", "description": description}]


async def test_a_group_passes_on_commands_but_not_talk(talking: Sandbox) -> None:
    ana, ben = await talking.person("Ana"), await talking.person("Ben")
    group = (await talking.post("/sim/groups", title="Friends", members=[ana, ben]))["id"]
    talk = await talking.say(ben, "hello all", group)
    said = await talking.say(ana, "/tip", group, reply_to=talk["message_id"])
    answer = await talking.newest(group, said["seq"])
    assert answer["text"] == "tip for Ben"


async def test_inline_results_are_chosen_and_edited_later(talking: Sandbox) -> None:
    ana, ben = await talking.person("Ana"), await talking.person("Ben")
    group = (await talking.post("/sim/groups", title="Friends", members=[ana, ben]))["id"]
    offered = await talking.post("/sim/inline", **{"from": ana}, query="5 ITD")
    assert [result["title"] for result in offered["results"]] == ["Gift"]
    sent = await talking.post("/sim/inline/choose", **{"from": ana}, result_id="1", chat=group)
    assert (sent["text"], sent["via_bot"]["is_bot"]) == ("A gift of 5 ITD", True)
    assert (await talking.newest(group, sent["seq"]))["text"] == "Ready"
