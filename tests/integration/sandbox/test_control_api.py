"""The control API: people, long polls, the world's parts, and who is kept out."""

import asyncio
import io
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from bot.sandbox.world import HookError, World
from tests.integration.sandbox.conftest import TOKEN, Sandbox, running
from tests.integration.sandbox.demo_bot import DemoAdmins, DemoChains, DemoProcesses, DemoWorld


async def refused(sandbox: Sandbox, path: str, **body: Any) -> tuple[int, str]:
    answer = await sandbox.control.post(path, json=body)
    return answer.status_code, answer.json()["error"]


async def test_people_are_made_and_listed(sandbox: Sandbox) -> None:
    user = await sandbox.post("/sim/users", first_name="Ana", username="@ana", language_code="pt-BR")
    assert (user["username"], user["language_code"], user["is_bot"]) == ("ana", "pt-BR", False)
    assert [(p["id"], p["started"]) for p in await sandbox.get("/sim/users")] == [(user["id"], False)]
    assert (await refused(sandbox, "/sim/users", first_name="B", username="ANA"))[0] == 400
    assert await refused(sandbox, "/sim/users") == (400, '"first_name" is missing')
    assert (await refused(sandbox, "/sim/users", first_name="B", username="a b"))[0] == 400


async def test_messages_come_again_when_they_change(sandbox: Sandbox) -> None:
    ana = await sandbox.person()
    first = await sandbox.say(ana, "one")
    second = await sandbox.say(ana, "two", reply_to=first["message_id"])
    assert second["reply_to_message"]["text"] == "one" and second["from"]["language_code"] == "en"
    async with sandbox.bot() as api:
        await api.delete_message(ana, first["message_id"])
    changed = await sandbox.get(f"/sim/chats/{ana}/messages", after=second["seq"])
    assert [(m["message_id"], m["deleted"]) for m in changed] == [(first["message_id"], True)]
    assert changed[0]["seq"] > second["seq"]
    assert await sandbox.get(f"/sim/chats/{ana}/messages", after=changed[0]["seq"]) == []


async def test_a_wait_ends_with_the_next_message_of_this_chat(sandbox: Sandbox) -> None:
    ana, ben = await sandbox.person("Ana"), await sandbox.person("Ben")
    waiting = asyncio.create_task(sandbox.get(f"/sim/chats/{ana}/messages", wait=10))
    await asyncio.sleep(0.1)
    await sandbox.say(ben, "not for Ana")
    await asyncio.sleep(0.1)
    assert not waiting.done()
    await sandbox.say(ana, "here")
    assert [message["text"] for message in await waiting] == ["here"]


async def test_people_write_only_where_they_are(sandbox: Sandbox) -> None:
    ana, ben = await sandbox.person("Ana"), await sandbox.person("Ben")
    path = f"/sim/chats/{ana}/messages"
    assert (await refused(sandbox, path, **{"from": ben}, text="x"))[0] == 403
    assert (await refused(sandbox, path, **{"from": ana}))[0] == 400
    assert (await refused(sandbox, "/sim/chats/7/messages", **{"from": ana}, text="x"))[0] == 404
    assert (await refused(sandbox, path, **{"from": ana}, text="x" * 4097))[0] == 400
    assert (await refused(sandbox, f"/sim/chats/{ana}/press", **{"from": ana}, message_id=9, data="x"))[0] == 404


async def test_an_own_contact_and_a_picture(sandbox: Sandbox) -> None:
    ana = await sandbox.person()
    sent = await sandbox.post(f"/sim/chats/{ana}/messages", **{"from": ana}, contact=True)
    assert sent["contact"]["user_id"] == ana
    files = {"file": ("page.html", b"<script>alert(1)</script>", "text/html")}
    answer = await sandbox.control.post(f"/sim/chats/{ana}/messages", data={"from": str(ana)}, files=files)
    file = await sandbox.control.get(f"/sim/files/{answer.json()['document']['file_id']}")
    assert file.headers["content-type"] == "application/octet-stream"
    assert file.headers["content-disposition"].startswith("attachment")


async def test_a_picture_has_smaller_copies_and_the_bot_fetches_the_largest_as_it_was(sandbox: Sandbox) -> None:
    ana, content = await sandbox.person(), io.BytesIO()
    Image.new("RGB", (900, 600), "red").save(content, "PNG")
    files = {"file": ("passport.png", content.getvalue(), "image/png")}
    path = f"/sim/chats/{ana}/messages"
    sent = await sandbox.control.post(path, data={"from": str(ana), "caption": "me"}, files=files)
    async with sandbox.bot() as api:
        (update,) = await api.get_updates()
        assert update.message and update.message.caption == "me" and update.message.document is None
        sizes = update.message.photo
        assert [(size.width, size.height) for size in sizes] == [(100, 67), (320, 213), (800, 533), (900, 600)]
        assert [size.file_id for size in sizes] == [size["file_id"] for size in sent.json()["photo"]]
        largest = await (await api.get_file(sizes[-1].file_id)).download_as_bytearray()
        smallest = await (await api.get_file(sizes[0].file_id)).download_as_bytearray()
    assert bytes(largest) == content.getvalue() and len(smallest) == sizes[0].file_size < len(largest)
    cut = {"file": ("passport.png", content.getvalue()[:-60], "image/png")}
    broken = await sandbox.control.post(path, data={"from": str(ana)}, files=cut)
    assert (broken.status_code, broken.json()["error"]) == (400, "Bad Request: IMAGE_PROCESS_FAILED")


async def test_other_sites_are_kept_out(sandbox: Sandbox) -> None:
    body = {"first_name": "Eve"}
    foreign = await sandbox.control.post("/sim/users", json=body, headers={"Origin": "http://evil.example"})
    opaque = await sandbox.control.post("/sim/users", json=body, headers={"Origin": "null"})
    rebound = await sandbox.control.get("/sim/users", headers={"Host": "evil.example"})
    own = await sandbox.control.post("/sim/users", json=body, headers={"Origin": sandbox.address})
    assert [a.status_code for a in (foreign, opaque, rebound, own)] == [403, 403, 403, 200]
    assert (
        await sandbox.control.post(f"/bot{TOKEN}/getMe", headers={"Origin": "http://evil.example"})
    ).status_code == 403


async def test_the_tickers_answer_with_what_was_set(sandbox: Sandbox) -> None:
    price = await sandbox.get("/ticker/a", symbol="ETHUSD")
    assert (price["symbol"], price["price"]) == ("ETHUSD", "2500.00") and price["time"].endswith("+00:00")
    await sandbox.post("/sim/ticker", asset="eth", price="3000.5")
    assert (await sandbox.get("/ticker/a", symbol="ethusd"))["price"] == "3000.50"
    assert (await sandbox.get("/ticker/b/ETH-USD"))["data"]["amount"] == "3000.50"
    assert {p["asset"]: p["price"] for p in await sandbox.get("/sim/ticker")}["BTC"] == "60000.00"
    assert (await sandbox.control.get("/ticker/a", params={"symbol": "DOGEUSD"})).status_code == 404
    assert (await sandbox.control.get("/ticker/b/DOGE-USD")).status_code == 404
    assert (await refused(sandbox, "/sim/ticker", asset="ETH", price="1e9"))[0] == 400


async def test_one_ticker_can_be_wrong_old_or_silent(sandbox: Sandbox) -> None:
    await sandbox.post("/sim/ticker", asset="ETH", price="9000", source="b")
    assert (await sandbox.get("/ticker/b/ETH-USD"))["data"]["amount"] == "9000.00"
    assert (await sandbox.get("/ticker/a", symbol="ETHUSD"))["price"] == "2500.00"
    aged = await sandbox.post("/sim/ticker/sources/b", age=120)
    assert aged == {"source": "b", "prices": {"ETH": "9000.00"}, "age": 120, "off": False}
    fresh, old = await sandbox.get("/ticker/a", symbol="ETHUSD"), await sandbox.get("/ticker/b/ETH-USD")
    told = datetime.fromisoformat(fresh["time"]).timestamp()
    assert 119 <= told - old["data"]["timestamp"] <= 121
    await sandbox.post("/sim/ticker/sources/a", off=True)
    assert (await sandbox.control.get("/ticker/a", params={"symbol": "ETHUSD"})).status_code == 404
    assert [(one["source"], one["off"]) for one in await sandbox.get("/sim/ticker/sources")] == [
        ("a", True),
        ("b", False),
    ]
    await sandbox.post("/sim/ticker", asset="ETH", price="2500")
    assert (await sandbox.get("/ticker/b/ETH-USD"))["data"]["amount"] == "2500.00"
    assert (await refused(sandbox, "/sim/ticker/sources/c", off=True))[0] == 400


async def test_the_authenticator_is_served(sandbox: Sandbox) -> None:
    uri = "otpauth://totp/ITD:ana?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=ITD"
    shown = await sandbox.get("/sim/authenticator", uri=uri)
    assert len(shown["code"]) == 6 and shown["valid_for_seconds"] >= 1


class RefusingChains(DemoChains):
    async def send(self, chain: str, address: str, amount: str) -> dict[str, Any]:
        raise HookError("this is no address")


async def test_the_worlds_parts_are_reached(tmp_path: Path) -> None:
    world = DemoWorld()
    parts = World(chains=RefusingChains(world), processes=DemoProcesses(world), admins=DemoAdmins(world))
    async with running(tmp_path, parts) as sandbox:
        assert await sandbox.get("/sim/world") == ["chains", "ticker", "processes", "admins"]
        assert await sandbox.post("/sim/chains/eth/mine", blocks=3) == {"height": 15}
        assert (await refused(sandbox, "/sim/chains/eth/mine", blocks=0))[0] == 400
        send = {"address": "0x0", "amount": "1.5"}
        assert await refused(sandbox, "/sim/chains/eth/send", **send) == (400, "this is no address")
        assert (await sandbox.get("/sim/chains/eth/received/0xabc"))["confirmations"] == 2
        assert (await sandbox.post("/sim/processes/bot/SIGKILL"))["state"] == "stopped"
        assert (await refused(sandbox, "/sim/processes/bot/SIGSTOP"))[0] == 404
        assert (await sandbox.post("/sim/admins", user=5))["role"] == "owner"
        assert (await sandbox.control.get("/sim/overview")).status_code == 404


@pytest.mark.parametrize("fault", [{"method": "nothing", "error_code": 400}, {"method": "getMe", "error_code": 200}])
async def test_a_fault_must_make_sense(sandbox: Sandbox, fault: dict[str, Any]) -> None:
    assert (await refused(sandbox, "/sim/faults", **fault))[0] == 400


async def test_chats_survive_a_restart(tmp_path: Path) -> None:
    async with running(tmp_path) as before:
        ana = await before.person()
        said = await before.say(ana, "remember me")
    async with running(tmp_path) as after:
        assert await after.get(f"/sim/chats/{ana}/messages") == [said]
        assert await after.person("Ben") == ana + 1
        async with after.bot() as api:
            assert [u.message.text for u in await api.get_updates() if u.message] == ["remember me"]
