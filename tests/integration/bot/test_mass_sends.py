"""A file of payments in the chat: previewed, started or approved by a second admin, followed in one message.

The worker's part runs in the test, a pass at a time, so that each state is looked at where it stands.
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.integration.bot.conftest import Talk, Town, buttons_of, data_of, text_of
from tests.support.mass import MassWorker
from tests.support.wallet import ELSEWHERE, ITD
from wallet_core.domain.errors import Reason, Refused
from wallet_core.domain.mass_file import MAX_FILE_BYTES, MAX_ROWS
from wallet_core.domain.mass_send import MassSend, MassState
from wallet_core.domain.people import Caller, Role
from wallet_core.use_cases.approve import approve

HEADER = "recipient,asset,amount,note"


@dataclass
class Office:
    """Fia of finance pays out of 5,000 ITD, Otto is an owner, Ben and Cleo are paid."""

    town: Town
    worker: MassWorker
    fia: Talk
    otto: Talk
    ben: Talk
    cleo: Talk

    async def upload(self, *rows: str, by: Talk | None = None, name: str = "pay.csv") -> dict[str, Any]:
        """The preview of these lines."""
        admin = by or self.fia
        await admin.give(name, self.file(*rows))
        return await admin.told("Lines to pay:")

    def file(self, *rows: str) -> bytes:
        return "\r\n".join((HEADER, *rows)).encode()

    async def start(self, preview: dict[str, Any], button: str, told: str) -> dict[str, Any]:
        """The payer presses and gives the code; returns the card that then says so."""
        await self.fia.press(preview, button)
        await self.fia.told("6-digit code")
        return await self.fia.ask(self.fia.code(), told)

    async def decide(self, admin: Talk, button: str, told: str) -> dict[str, Any]:
        question = await admin.told_ever("A mass send needs a second admin")
        await admin.press(question, button)
        await admin.told("6-digit code")
        return await admin.ask(admin.code(), told)

    async def sends(self) -> list[MassSend]:
        return await self.town.wallet.ports.store.find(MassSend, {})


@pytest.fixture
async def office(town: Town, tmp_path: Path) -> Office:
    (tmp_path / "worker").mkdir()
    worker = MassWorker(town.wallet.ports, tmp_path / "worker")
    fia, otto = await town.resident("Fia", 5_000, Role.FINANCE), await town.resident("Otto", role=Role.OWNER)
    return Office(town, worker, fia, otto, await town.resident("Ben"), await town.resident("Cleo"))


async def table_of(office: Office, message: dict[str, Any]) -> list[dict[str, str]]:
    """The lines of a document that the bot sent."""
    answer = await office.town.sandbox.control.get(f"/sim/files/{message['document']['file_id']}")
    return list(csv.DictReader(io.StringIO(answer.content.decode())))


async def test_a_file_is_paid_line_by_line_in_one_message_and_only_once(office: Office) -> None:
    rows = (
        f"@{office.ben.username},ITD,12.5,Salary",
        f"{office.cleo.person},ITD,3,",
        "@nobody_here,ITD,1,note",
    )
    preview = await office.upload(*rows)
    for part in ("Lines to pay: 2 of 3", "15.5 ITD in 2 lines", "unknown here: 1 (line 4 @nobody_here)", "Start"):
        assert part in text_of(preview) + str(buttons_of(preview)), part
    assert not [m for m in await office.otto.refresh() if "pay.csv" in text_of(m)], "below the limit one is enough"
    running = await office.start(preview, "Start", "Running.")
    assert running["message_id"] == preview["message_id"] and "░" in text_of(running)
    assert await office.town.balance(office.fia) == (4_984_500_000, 15_500_000)
    await office.worker.look()
    done = await office.fia.told("Done.")
    assert done["message_id"] == preview["message_id"] and "████████████████████" in text_of(done)
    assert "What was not paid is back" in text_of(done)
    assert "12.5 ITD" in text_of(await office.ben.told_ever("Received 12.5 ITD"))
    table = await table_of(office, await office.fia.told("the outcome of each line"))
    assert [(row["line"], row["outcome"], row["reason"]) for row in table] == [
        ("2", "paid", ""), ("3", "paid", ""), ("4", "refused", "unknown_person"),
    ]  # fmt: skip
    assert [row["recipient"][:2] for row in table] == ["'@", str(office.cleo.person)[:2], "'@"]
    assert await office.town.balance(office.fia) == (4_984_500_000, 0)

    await office.fia.give("other name.csv", office.file(*rows))
    await office.fia.told("This very file was uploaded before, and its mass send began at")
    await office.fia.told("Done.")
    await office.fia.told("the outcome of each line")
    await office.worker.look()
    assert len(await office.sends()) == 1 and await office.town.balance(office.ben) == (12_500_000, 0)


async def test_above_the_limit_another_admin_approves_what_both_saw(office: Office) -> None:
    preview = await office.upload(f"@{office.ben.username},ITD,1500,")
    assert [button["text"] for button in buttons_of(preview)] == ["Ask for approval", "Cancel", "Lines as a file"]
    waits = await office.start(preview, "Ask for approval", "Waiting for another admin to approve")
    assert waits["message_id"] == preview["message_id"]
    question = await office.otto.told_ever("A mass send needs a second admin")
    for part in ("Fia", f"id {office.fia.person}", "1500 ITD in 1 line", "Lines to pay: 1 of 1", "Above 1000 ITD"):
        assert part in text_of(question), part
    digest = next(line for line in text_of(preview).splitlines() if line.startswith("Digest"))
    assert digest in text_of(question) and digest in text_of(waits)
    await office.otto.press(question, "Approve")
    await office.otto.told("Open “Lines as a file” on the same card first")
    await office.otto.press(question, "Lines as a file")
    file = await office.otto.told("Nothing has been paid yet")
    assert file["document"]["file_name"] == "pay-not-paid-yet.csv"
    assert [(line["recipient"], line["payee"], line["amount"]) for line in await table_of(office, file)] == [
        (f"'@{office.ben.username}", str(office.ben.person), "1500")
    ]
    await office.worker.look()
    assert await office.town.balance(office.fia) == (5_000 * ITD, 0), "nothing is set aside before"
    await office.decide(office.otto, "Approve", "Approved. It is done")
    assert f"(id {office.otto.person}). It is done." in text_of(await office.otto.told_ever("Approved by"))
    await office.fia.told_ever("Running.")
    await office.worker.look()
    assert "Every line was paid, once." in text_of(await office.fia.told_ever("Done."))
    assert await office.town.balance(office.ben) == (1_500 * ITD, 0)


async def test_only_another_admin_decides_and_a_refusal_pays_nobody(office: Office) -> None:
    support = await office.town.resident("Sue", role=Role.SUPPORT)
    preview = await office.upload(f"@{office.ben.username},ITD,1500,")
    await office.start(preview, "Ask for approval", "Waiting for another admin")
    question = await office.otto.told_ever("A mass send needs a second admin")
    for other in (office.fia, support):
        await other.press_data((await other.refresh())[-1], data_of(question, "Approve"))
        await other.told("belongs to somebody else")
    (send,) = await office.sends()
    with pytest.raises(Refused) as refused:
        await approve(office.town.wallet.ports, Caller(office.fia.person), send.approval or "", office.fia.code())
    assert refused.value.reason is Reason.NOT_ALLOWED
    assert not {"Approve", "Refuse"} & {b["text"] for m in await support.refresh() for b in buttons_of(m)}
    await office.decide(office.otto, "Refuse", "Refused. Nothing was done")
    assert "Nothing was paid" in text_of(await office.fia.told_ever("Cancelled before it began"))
    await office.worker.look()
    assert await office.town.balance(office.fia) == (5_000 * ITD, 0)


async def test_the_approval_is_void_when_what_it_was_for_changed(office: Office) -> None:
    preview = await office.upload(f"@{office.ben.username},ITD,1500,")
    await office.start(preview, "Ask for approval", "Waiting for another admin")
    database, (send,) = office.town.wallet.database, await office.sends()
    await database[MassSend.collection].update_one({"_id": send.id}, {"$set": {"digest": "0" * 64}})
    question = await office.otto.told_ever("A mass send needs a second admin")
    await office.otto.press(question, "Lines as a file")
    await office.otto.told("did not add up")
    # The figures of the message are those of then, so nobody is even asked for a code.
    await office.otto.press(question, "Approve")
    await office.otto.told("did not add up")
    await office.worker.look()
    assert await office.town.balance(office.ben) == (0, 0)


async def test_a_changed_file_is_another_one_and_the_first_can_be_cancelled(office: Office) -> None:
    first = await office.upload(f"@{office.ben.username},ITD,10,")
    second = await office.upload(f"@{office.ben.username},ITD,100,")
    assert first["message_id"] != second["message_id"]
    digests = [next(line for line in text_of(m).splitlines() if line.startswith("Digest")) for m in (first, second)]
    assert len(set(digests)) == 2
    await office.fia.press(first, "Cancel")
    await office.fia.told("Cancelled before it began")
    await office.start(second, "Start", "Running.")
    await office.worker.look()
    await office.fia.told("Every line was paid")
    assert await office.town.balance(office.ben) == (100 * ITD, 0)


async def test_it_is_stopped_resumed_and_given_up_from_its_card(office: Office) -> None:
    preview = await office.upload(f"@{office.ben.username},ITD,10,", f"@{office.cleo.username},ITD,20,")
    running = await office.start(preview, "Start", "Running.")
    await office.fia.press(running, "Stop")
    stopped = await office.fia.told(f"Stopped by the admin id {office.fia.person}")
    assert stopped["message_id"] == preview["message_id"] and "set aside and safe" in text_of(stopped)
    await office.worker.look()
    assert await office.town.balance(office.ben) == (0, 0)
    await office.fia.press(stopped, "Result so far")
    table = await table_of(office, await office.fia.told("the outcome of each line"))
    assert [row["outcome"] for row in table] == ["waiting", "waiting"]
    await office.fia.press(stopped, "Resume")
    await office.fia.told("6-digit code")
    await office.fia.say(office.fia.code())
    again = await office.fia.told("Running.")
    await office.fia.press(again, "Stop")
    stopped = await office.fia.told("Stopped by the admin")
    await office.fia.press(stopped, "Give up the rest")
    question = await office.fia.told("This cannot be undone")
    await office.fia.press(question, "Give up the rest")
    await office.worker.look()
    await office.fia.told_ever("Done.")
    assert await office.town.balance(office.fia) == (5_000 * ITD, 0)


async def test_bad_lines_are_named_and_what_is_too_much_is_refused_with_the_limit(office: Office) -> None:
    await office.fia.give("bad.csv", office.file(f"@{office.ben.username},ITD,1,=cmd|calc", "@xyz,DOGE,1,", ",ITD,1,"))
    text = text_of(await office.fia.told("bad.csv: 3 lines cannot be read"))
    for part in ("Line 2: note begins like a spreadsheet's formula: =cmd|calc", "Line 3: the asset DOGE", "Line 4:"):
        assert part in text, part
    assert "Nothing was sent and nothing was set aside" in text and not await office.sends()
    await office.fia.give("worse.csv", office.file(*(f"@ben{n},ITD,x," for n in range(40))))
    await office.fia.told("And 30 more, in the file below.")
    table = await table_of(office, await office.fia.told("All 40 faults, by line."))
    assert [row["line"] for row in table] == [str(line) for line in range(2, 42)]
    await office.fia.give("many.csv", office.file(*["@ben,ITD,1,"] * 60_000))
    assert f"Line {MAX_ROWS + 2}: more than {MAX_ROWS} lines" in text_of(await office.fia.told("cannot be read"))
    await office.fia.give("large.csv", office.file() + b"a" * 25_000_000)
    assert f"larger than {MAX_FILE_BYTES // 1_000_000} MB" in text_of(await office.fia.told("did not open it"))
    assert not await office.sends()


async def test_the_form_the_list_and_the_desk_lead_to_it(office: Office) -> None:
    await office.upload(f"@{office.ben.username},ITD,10,", name="first.csv")
    how = await office.fia.ask("/masssend", "pay many with one file")
    form = await office.fia.told("A form to fill in")
    assert form["document"]["file_name"] == "mass-send.csv"
    await office.fia.press(how, "Mass sends so far")
    mine = await office.fia.told("not started, 0 of 1 done")
    assert "first.csv" in text_of(mine)
    await office.fia.press(mine, "1")
    opened = await office.fia.told("Lines to pay: 1 of 1")
    assert opened["message_id"] == mine["message_id"]
    cards = [m for m in await office.fia.refresh() if "Lines to pay: 1 of 1" in text_of(m)]
    assert [m["deleted"] for m in cards] == [True, False], "there is one card, and it is the newest"
    desk = await office.otto.ask("/admin", "Admin desk")
    await office.otto.press(desk, "Mass sends")
    listed = await office.otto.told("first.csv")
    await office.otto.press(listed, "1")
    theirs = await office.otto.told("Lines to pay: 1 of 1")
    assert [button["text"] for button in buttons_of(theirs)] == ["Lines as a file", "Cancel", "Refresh"]


async def test_coins_in_a_file_are_priced_and_become_payouts(office: Office) -> None:
    await office.town.wallet.set_rail()
    preview = await office.upload(f"@{office.ben.username},ITD,10,", f"{ELSEWHERE},ETH,0.02,Invoice 7")
    for part in ("0.02 ETH in 1 line, for 50 ITD at 2500 ITD each, fees 0.5 ITD", "In all: 60.5 ITD"):
        assert part in text_of(preview), part
    await office.start(preview, "Start", "Running.")
    await office.worker.look()
    under_way = await office.fia.told("Payouts under way: 1")
    assert "Lines done: 1 of 2" in text_of(under_way)
    (send,) = await office.sends()
    assert send.state is MassState.RUNNING and send.queued == 1
