"""The whole way: enrol, buy, send, withdraw, paid on the chain; by the control API against the real processes."""

import json
import re
import secrets

from eth_utils.address import to_checksum_address

from tests.e2e.conftest import RunningSandbox
from tests.support.chat import buttons_of, text_of


def new_address() -> str:
    return to_checksum_address("0x" + secrets.token_hex(20))


async def test_a_person_enrols_buys_sends_and_withdraws(sandbox: RunningSandbox) -> None:
    anna, ben = await sandbox.sim.person("Anna"), await sandbox.sim.person("Ben")
    await anna.enrol()
    await ben.enrol()

    credited = await anna.buy("100")
    assert "pending" not in text_of(credited)
    assert "100" in text_of(await anna.ask("/balance", "100"))

    offer = await anna.ask(f"/send 5 @{ben.username}", "Balance after")
    before = await ben.position()
    await anna.press(offer, "Confirm")
    assert "5" in text_of(await ben.reads("Anna", after=before))
    await anna.ask("/balance", "95")

    address = new_address()
    receipt = await anna.withdraw("50", address)
    number = receipt["message_id"]
    paid = await anna.until(
        lambda m: m["message_id"] == number and re.search(r"0x[0-9a-f]{64}", text_of(m)) is not None
        and "The transaction is final" in text_of(m),
        seconds=60,
    )  # fmt: skip
    assert address in text_of(paid)
    received = await sandbox.sim.get(f"/chains/eth/received/{address}")
    assert float(received["amount"]) == 0.02
    assert "44.5" in text_of(await anna.ask("/balance", "44.5"))
    assert len(buttons_of(await anna.ask("/history", "ithdraw"))) > 0

    code, printed = await sandbox.wallet("verify", "--json")
    assert (code, json.loads(printed)["gaps"]) == (0, [])


async def test_doctor_finds_the_sandbox_well(sandbox: RunningSandbox) -> None:
    code, printed = await sandbox.wallet("doctor", "--json")
    assert code == 0, printed
