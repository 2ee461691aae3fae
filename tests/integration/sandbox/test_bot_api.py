"""The Bot API's refusals and its long poll, through python-telegram-bot's own client."""

import asyncio
import time
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from telegram import Bot, BotCommand, InputMediaPhoto, MenuButtonCommands
from telegram.error import BadRequest, Conflict, Forbidden, InvalidToken, RetryAfter

from bot.sandbox.app import serve
from tests.integration.sandbox.conftest import TOKEN, Sandbox, refusal, running
from tests.integration.sandbox.test_polling_bot import picture


async def started(sandbox: Sandbox) -> int:
    ana = await sandbox.person()
    await sandbox.say(ana, "/start")
    return ana


async def test_a_wrong_token_is_unauthorized(sandbox: Sandbox) -> None:
    wrong = sandbox.bot("4242:other")
    with pytest.raises(InvalidToken):
        await wrong.initialize()


async def test_raw_answers_have_telegrams_form(sandbox: Sandbox) -> None:
    base = f"{sandbox.address}/bot{TOKEN}"
    async with httpx.AsyncClient(trust_env=False) as client:
        me = (await client.get(f"{base}/GETME")).json()
        assert me["ok"] and me["result"]["id"] == 4242 and me["result"]["is_bot"]
        unknown = (await client.get(f"{base}/nothing")).json()
        assert unknown == {"ok": False, "error_code": 404, "description": "Not Found: method not found"}
        wrong = await client.post(f"{sandbox.address}/bot1:x/getMe")
        assert (wrong.status_code, wrong.json()["description"]) == (401, "Unauthorized")
        ana = await started(sandbox)
        keyboard = {"inline_keyboard": [[{"text": "a", "callback_data": "b"}]]}
        sent = await client.post(f"{base}/sendMessage", json={"chat_id": ana, "text": "x", "reply_markup": keyboard})
        assert sent.json()["result"]["reply_markup"] == keyboard
        sent = await client.get(f"{base}/sendMessage", params={"chat_id": ana, "text": "by query"})
        assert sent.json()["result"]["text"] == "by query"


@pytest.mark.parametrize(
    ("call", "reason"),
    [
        ({"text": ""}, "Message text is empty"),
        ({"text": "<b></b>", "parse_mode": "HTML"}, "Message text is empty"),
        ({"text": "x" * 4097}, "Message is too long"),
        ({"text": "<b>", "parse_mode": "HTML"}, "Can't parse entities: can't find end tag corresponding to start tag"),
        ({"text": "x", "reply_to_message_id": 999}, "Message to be replied not found"),
        ({"text": "x", "chat_id": 12345}, "Chat not found"),
    ],
)
async def test_a_bad_message_is_refused(sandbox: Sandbox, api: Bot, call: dict[str, Any], reason: str) -> None:
    ana = await started(sandbox)
    error = await refusal(api.send_message(**{"chat_id": ana, **call}))
    assert isinstance(error, BadRequest) and error.message.lower().startswith(reason.lower())


async def test_4096_characters_are_counted_after_parsing(sandbox: Sandbox, api: Bot) -> None:
    ana = await started(sandbox)
    sent = await api.send_message(ana, f"<b>{'x' * 4096}</b>", parse_mode="HTML")
    assert sent.text == "x" * 4096


async def test_captions_and_pictures_have_limits(sandbox: Sandbox, api: Bot) -> None:
    ana = await started(sandbox)
    assert "caption is too long" in (await refusal(api.send_photo(ana, picture("red"), caption="x" * 1025))).message
    assert (await refusal(api.send_photo(ana, b"no picture"))).message.upper() == "IMAGE_PROCESS_FAILED"
    assert "file identifier" in (await refusal(api.send_photo(ana, "unknown"))).message
    sent = await api.send_photo(ana, picture("red"))
    again = await api.send_photo(ana, sent.photo[-1].file_id)
    assert again.photo[-1].file_id == sent.photo[-1].file_id


async def test_edits_know_what_changed(sandbox: Sandbox, api: Bot) -> None:
    ana = await started(sandbox)
    sent = await api.send_message(ana, "one")
    error = await refusal(sent.edit_text("one"))
    assert error.message.startswith("Message is not modified: specified new message content and reply markup")
    edited = await sent.edit_text("two")
    assert not isinstance(edited, bool) and edited.edit_date and edited.text == "two"
    assert (await refusal(sent.edit_caption("x"))).message == "There is no caption in the message to edit"
    own = (await sandbox.get(f"/sim/chats/{ana}/messages"))[0]["message_id"]
    assert (await refusal(api.edit_message_text("x", ana, own))).message == "Message can't be edited"
    assert (await refusal(api.edit_message_text("x", ana, 999))).message == "Message to edit not found"
    photo = await api.send_photo(ana, picture("red"))
    assert "not modified" in (await refusal(photo.edit_media(InputMediaPhoto(picture("red"))))).message


async def test_deleting_twice_is_refused(sandbox: Sandbox, api: Bot) -> None:
    ana = await started(sandbox)
    sent = await api.send_message(ana, "one")
    assert await sent.delete()
    assert (await refusal(sent.delete())).message == "Message to delete not found"
    assert (await refusal(sent.edit_text("x"))).message == "Message to edit not found"
    assert await api.delete_messages(ana, [sent.message_id, 1])


async def test_a_query_is_answered_once(sandbox: Sandbox, api: Bot) -> None:
    ana = await started(sandbox)
    sent = await api.send_message(ana, "card")
    body = {"from": ana, "message_id": sent.message_id, "data": "anything"}
    pressing = asyncio.create_task(sandbox.post(f"/sim/chats/{ana}/press", **body))
    query = next(u.callback_query for u in await api.get_updates(timeout=5, offset=-1) if u.callback_query)
    assert query.data == "anything"
    await query.answer("Yes")
    assert await pressing == {"toast": "Yes", "alert": False}
    for query_id in (query.id, "123"):
        message = (await refusal(api.answer_callback_query(query_id))).message
        assert message == "Query is too old and response timeout expired or query id is invalid"


async def test_who_blocked_the_bot_is_out_of_reach(sandbox: Sandbox, api: Bot) -> None:
    ana = await started(sandbox)
    await sandbox.post(f"/sim/users/{ana}/block")
    error = await refusal(api.send_message(ana, "x"))
    assert isinstance(error, Forbidden) and error.message == "Forbidden: bot was blocked by the user"
    updates = await api.get_updates()
    assert updates[-1].my_chat_member and updates[-1].my_chat_member.new_chat_member.status == "kicked"
    await sandbox.say(ana, "/start")
    assert await api.send_message(ana, "x")


async def test_who_never_wrote_is_unknown(sandbox: Sandbox, api: Bot) -> None:
    assert (await refusal(api.send_message(await sandbox.person(), "x"))).message == "Chat not found"


async def test_ordered_faults_come_and_go(sandbox: Sandbox, api: Bot) -> None:
    ana = await started(sandbox)
    await sandbox.post("/sim/faults", method="sendMessage", error_code=429, retry_after=7, times=2)
    for _ in range(2):
        error = await refusal(api.send_message(ana, "x"))
        assert isinstance(error, RetryAfter) and error._retry_after.total_seconds() == 7
    assert await api.send_message(ana, "x")
    await sandbox.post("/sim/faults", method="sendMessage", error_code=502, applied=True)
    await refusal(api.send_message(ana, "arrived all the same"))
    assert (await sandbox.get(f"/sim/chats/{ana}/messages"))[-1]["text"] == "arrived all the same"


async def test_a_long_poll_ends_when_something_happens(sandbox: Sandbox, api: Bot) -> None:
    ana = await sandbox.person()
    began = time.monotonic()
    polling = asyncio.create_task(api.get_updates(timeout=20))
    await asyncio.sleep(0.2)
    assert not polling.done()
    await sandbox.say(ana, "hello")
    updates = await polling
    assert time.monotonic() - began < 5 and updates[0].message and updates[0].message.text == "hello"
    assert [u.update_id for u in await api.get_updates()] == [updates[0].update_id]
    assert await api.get_updates(offset=updates[0].update_id + 1) == ()
    assert await api.get_updates() == ()


async def test_the_earlier_of_two_polls_is_ended(sandbox: Sandbox, api: Bot) -> None:
    ana = await sandbox.person()
    earlier = asyncio.create_task(refusal(api.get_updates(timeout=20)))
    await asyncio.sleep(0.2)
    async with sandbox.bot() as other:
        later = asyncio.create_task(other.get_updates(timeout=20))
        error = await earlier
        assert isinstance(error, Conflict) and "terminated by other getUpdates request" in error.message
        await sandbox.say(ana, "hello")
        assert len(await later) == 1


async def test_unwanted_updates_are_not_queued(sandbox: Sandbox, api: Bot) -> None:
    await api.get_updates(allowed_updates=["callback_query"])
    await sandbox.say(await sandbox.person(), "hello")
    assert await api.get_updates() == ()
    await api.get_updates(allowed_updates=[])
    await sandbox.say(await sandbox.person(), "hello")
    assert len(await api.get_updates()) == 1


async def test_a_webhook_gets_updates_with_its_secret(sandbox: Sandbox, api: Bot) -> None:
    got: asyncio.Queue[tuple[str | None, Any]] = asyncio.Queue()
    answers = [500, 200]

    async def hook(request: Request) -> Response:
        got.put_nowait((request.headers.get("x-telegram-bot-api-secret-token"), await request.json()))
        return Response(status_code=answers.pop(0))

    listening, address = await serve_hook(hook)
    await api.set_webhook(address, secret_token="s3cret")
    assert isinstance(await refusal(api.get_updates()), Conflict)
    await sandbox.say(await sandbox.person(), "hello")
    first, second = await asyncio.wait_for(got.get(), 5), await asyncio.wait_for(got.get(), 5)
    assert first == second and first[0] == "s3cret" and first[1]["message"]["text"] == "hello"
    info = await api.get_webhook_info()
    assert (info.url, info.last_error_message) == (
        address,
        "Wrong response from the webhook: 500 Internal Server Error",
    )
    assert await api.delete_webhook() and await api.get_updates() == ()
    listening.close()


async def serve_hook(hook: Any) -> tuple[asyncio.Server, str]:
    """A server of a few lines, since uvicorn's own would want a process's signals."""
    app = Starlette(routes=[Route("/hook", hook, methods=["POST"])])

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        headers = dict(line.lower().split(": ", 1) for line in head[1:] if line)
        body = await reader.readexactly(int(headers["content-length"]))
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://hook") as client:
            status = (await client.post("/hook", content=body, headers=headers)).status_code
        reason = {200: "OK", 500: "Internal Server Error"}[status]
        writer.write(f"HTTP/1.1 {status} {reason}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n".encode())
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    return server, f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/hook"


async def test_what_people_see_about_the_bot_is_kept(sandbox: Sandbox, api: Bot) -> None:
    ana = await started(sandbox)
    await api.set_my_commands([BotCommand("start", "Begin")])
    assert [command.command for command in await api.get_my_commands()] == ["start"]
    await api.delete_my_commands()
    assert await api.get_my_commands() == ()
    assert (await refusal(api.set_my_commands([("Bad", "x")]))).message.upper() == "BOT_COMMAND_INVALID"
    await api.set_my_description("Long text")
    await api.set_my_short_description("Short text")
    assert (await sandbox.get("/sim/bot"))["description"] == "Long text"
    assert await api.set_chat_menu_button(ana, MenuButtonCommands())
    assert isinstance(await api.get_chat_menu_button(ana), MenuButtonCommands)


async def test_chats_members_pins_and_copies(sandbox: Sandbox, api: Bot) -> None:
    ana = await started(sandbox)
    sent = await api.send_message(ana, "pin me")
    assert await api.pin_chat_message(ana, sent.message_id)
    chat = await api.get_chat(ana)
    assert chat.first_name == "Ana" and chat.pinned_message and chat.pinned_message.text == "pin me"
    assert await api.unpin_chat_message(ana)
    assert (await api.get_chat_member(ana, ana)).status == "member"
    copied = await api.copy_message(ana, ana, sent.message_id)
    assert copied.message_id > sent.message_id
    secret = await api.send_document(ana, b"%PDF-", filename="a.pdf", protect_content=True)
    assert secret.has_protected_content
    assert "can't be copied" in (await refusal(api.copy_message(ana, ana, secret.message_id))).message
    assert await api.send_chat_action(ana, "typing")
    assert await api.log_out() and await api.close()


async def test_the_server_goes_down_at_once_though_somebody_polls(tmp_path: Path) -> None:
    async with running(tmp_path) as sandbox, sandbox.bot() as api:
        polling = asyncio.create_task(api.get_updates(timeout=30))
        waiting = asyncio.create_task(sandbox.control.get("/sim/changes", params={"wait": 30}))
        await asyncio.sleep(0.2)
        began = time.monotonic()
    assert time.monotonic() - began < 3
    await asyncio.gather(polling, waiting, return_exceptions=True)


async def test_it_never_listens_to_the_world(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="loopback"):
        await serve(Starlette(), "0.0.0.0", 0)  # noqa: S104 - it must be refused
