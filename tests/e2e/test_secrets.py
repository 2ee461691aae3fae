"""Nothing secret reaches a log: canaries go the whole way, and every log is searched for them."""

from urllib.parse import parse_qs, urlsplit

from tests.e2e.conftest import RunningSandbox
from tests.e2e.test_the_whole_way import new_address


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
