"""Nothing secret reaches a log: canaries go the whole way, and every log is searched for them."""

import re
from urllib.parse import parse_qs, urlsplit

from bot.sandbox.environment import WORKER_ONLY
from tests.e2e.conftest import RunningSandbox
from tests.e2e.test_the_whole_way import new_address
from wallet_core.adapters.seed_file import SEED_FILE


async def test_no_log_holds_a_secret(sandbox: RunningSandbox) -> None:
    canary = await sandbox.sim.person("Canary")
    await canary.enrol()
    await canary.buy("20")
    await canary.ask("/recover", "ecovery code")
    used = canary.codes[0]
    await canary.pair(await canary.ask(used, "otpauth://"))
    code = await canary.code()
    await canary.ask(code, "Your recovery codes")
    await canary.ask(f"/withdraw 5 ETH {new_address()}", "recovery")
    secret = parse_qs(urlsplit(canary.uri).query)["secret"][0]
    logs = {path.name: path.read_text(errors="replace") for path in (sandbox.folder / "logs").glob("*.log")}
    assert {"bot.log", "worker.log", "mongod.log"} <= logs.keys()
    seed = (sandbox.folder / "keys" / "worker" / "mac.key").read_text().strip()
    for canary_text in (secret, used, used[2:], code, *canary.codes, seed, "1:sandbox"):
        assert [name for name, text in logs.items() if canary_text in text] == [], f"{canary_text[:4]}… was logged"


async def test_the_bot_holds_no_key_that_signs(sandbox: RunningSandbox) -> None:
    """Whoever takes the bot over finds neither the seed nor what opens it, and no node to ask."""
    keys = sandbox.folder / "keys"
    assert (keys / "worker" / SEED_FILE).exists(), "this is what the worker signs with"
    assert {path.name for path in (keys / "bot").rglob("*")} == {"mac.key", "public.json", "vault.json"}
    told = (sandbox.folder / "bot.env").read_text()
    assert "TELEGRAM_BOT_TOKEN" in told
    assert [name for name in WORKER_ONLY if re.search(rf"^{name}=", told, re.MULTILINE)] == []
    sealed = (keys / "worker" / SEED_FILE).read_text()
    assert not any(sealed in path.read_text() for path in (keys / "bot").iterdir())


async def test_line_breaks_that_people_type_make_no_line_in_the_log(sandbox: RunningSandbox) -> None:
    eve = await sandbox.sim.person("Eve")
    await eve.enrol()
    forged = '{"event": "forged", "level": "critical"}'
    for typed in (f"/send 1 @x\n{forged}", f"/withdraw 1 ETH\r\n{forged}", f"hello\n{forged}\u2028{forged}"):
        await eve.say(typed)
    await eve.ask("/balance", "Available")
    lines = (sandbox.folder / "logs" / "bot.log").read_text().splitlines()
    assert lines and not any(line.lstrip().startswith('{"event": "forged"') for line in lines)
